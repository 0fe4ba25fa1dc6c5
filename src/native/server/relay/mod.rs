//! relay
pub mod hosts;
use super::origin::PublicUrl;
use super::reply;
use axum::response::Response;
use hosts::HostRule;
use http::StatusCode;
use std::net::IpAddr;

/// What the relay may do.
#[derive(Debug, Default)]
pub struct RelayOptions {
    /// Hosts beside the public registries.
    pub allow: Vec<HostRule>,
    /// Whether those may be private.
    pub allow_private: bool,
    /// Where the page is.
    pub public_url: Option<PublicUrl>,
    /// X-Forwarded-For.
    pub trust_forwarded: bool,
}

/// The relay.
#[derive(Debug)]
pub struct Relay;

impl Relay {
    /// A relay.
    pub fn new(_options: RelayOptions) -> Self {
        Self
    }
    /// Answers.
    pub async fn answer(&self, _peer: IpAddr, _request: &http::request::Parts) -> (Response, Option<String>) {
        (reply::status_only(StatusCode::NOT_FOUND), None)
    }
}
