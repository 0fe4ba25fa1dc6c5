//! What an administrator has to set so that a browser may read a registry: the header names, and the
//! configuration of the usual servers, ready to copy.
//!
//! Fetch standard, "CORS protocol": the page's origin must be allowed, `Authorization` must be named (`*`
//! does not cover it), what a page reads must be exposed, and the preflight, which carries no credentials,
//! must be answered with 2xx. docs/hosting.md shows the same texts, and a test tries them on real servers.
//!
//! ```
//! use tagdrift::registry::cors;
//! assert!(cors::zot("https://page.example").contains("\"allowOrigin\": \"https://page.example\""));
//! ```

/// Request headers that a reader may send.
pub const ASKED: &str = "Accept, Authorization, Range, If-None-Match";

/// Response headers that a reader wants to see, beside those that every page may.
pub const EXPOSED: &str = "Docker-Content-Digest, WWW-Authenticate, Link, OCI-Filters-Applied, Retry-After, RateLimit-Limit, RateLimit-Remaining, ETag, Content-Range, Accept-Ranges, Warning";

/// Methods that a reader uses.
pub const METHODS: &str = "GET, HEAD, OPTIONS";

/// Seconds for which a browser remembers a preflight.
const MAX_AGE: u32 = 600;

/// `config.yml` of distribution (docker-registry). Not with `auth`: then its answer to a preflight is 401.
pub fn distribution(origin: &str) -> String {
    format!(
        "http:
  headers:
    Access-Control-Allow-Origin: ['{origin}']
    Access-Control-Allow-Methods: ['{METHODS}']
    Access-Control-Allow-Headers: ['{ASKED}']
    Access-Control-Expose-Headers: ['{EXPOSED}']
    Access-Control-Max-Age: ['{MAX_AGE}']
"
    )
}

/// `config.json` of zot. It covers manifests, tags and referrers; neither blobs nor 401.
pub fn zot(origin: &str) -> String {
    format!("{{\n  \"http\": {{\n    \"allowOrigin\": \"{origin}\"\n  }}\n}}\n")
}

/// nginx in front of any registry; of Harbor too, whose tokens are below `/service/`.
pub fn nginx(origin: &str) -> String {
    // `always`: else nginx leaves the headers off a 401, and the browser shows a network error instead of
    // the challenge. An `if` block without headers of its own has those of its location.
    format!(
        "location ~ ^/(v2|service)/ {{
    add_header Access-Control-Allow-Origin   \"{origin}\" always;
    add_header Access-Control-Allow-Methods  \"{METHODS}\" always;
    add_header Access-Control-Allow-Headers  \"{ASKED}\" always;
    add_header Access-Control-Expose-Headers \"{EXPOSED}\" always;
    add_header Access-Control-Max-Age        {MAX_AGE} always;

    # The preflight carries no credentials: answer it before the registry can refuse it.
    if ($request_method = OPTIONS) {{
        return 204;
    }}

    # The registry's own, if it sends any: twice is as bad as never.
    proxy_hide_header Access-Control-Allow-Origin;
    proxy_hide_header Access-Control-Allow-Methods;
    proxy_hide_header Access-Control-Allow-Headers;
    proxy_hide_header Access-Control-Expose-Headers;
    proxy_hide_header Access-Control-Max-Age;

    proxy_pass http://registry:5000;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_buffering off;
}}
"
    )
}

/// Caddy in front of any registry.
pub fn caddy(origin: &str) -> String {
    // `defer`: set when the registry has answered, over what it may have set itself.
    format!(
        "registry.example {{
    header {{
        Access-Control-Allow-Origin   \"{origin}\"
        Access-Control-Allow-Methods  \"{METHODS}\"
        Access-Control-Allow-Headers  \"{ASKED}\"
        Access-Control-Expose-Headers \"{EXPOSED}\"
        Access-Control-Max-Age        {MAX_AGE}
        defer
    }}
    @preflight method OPTIONS
    respond @preflight 204
    reverse_proxy registry:5000 {{
        flush_interval -1
    }}
}}
"
    )
}
