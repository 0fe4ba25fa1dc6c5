//! What a change of a Kubernetes object means.
