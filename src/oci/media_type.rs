//! Media types, and what they say about compression and kind.
//!
//! Parameters (`; charset=utf-8`) never matter and letter case does not either (RFC 9110, 8.3.1).

/// OCI image manifest.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Docker image manifest, version 2 schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// OCI image config.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Docker image config.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Helm chart config: Chart.yaml as JSON.
pub const HELM_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
/// Helm chart archive.
pub const HELM_CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// Helm chart archive, before Helm 3.7.
pub const HELM_CHART_LEGACY: &str = "application/tar+gzip";
/// Helm provenance file.
pub const HELM_PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
/// Flux artifact config.
pub const FLUX_CONFIG: &str = "application/vnd.cncf.flux.config.v1+json";
/// Flux artifact archive.
pub const FLUX_CONTENT: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";
/// OCI's empty descriptor (`{}`).
pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// The type without parameters, lower-case.
pub fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// True for OCI indexes and Docker manifest lists.
pub fn is_index(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), OCI_INDEX | DOCKER_INDEX)
}

/// True for OCI and Docker image manifests.
pub fn is_manifest(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), OCI_MANIFEST | DOCKER_MANIFEST)
}

/// True for the config of a runnable image.
pub fn is_image_config(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), OCI_CONFIG | DOCKER_CONFIG)
}

/// True for a Helm chart's archive, old type included.
pub fn is_helm_chart(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), HELM_CHART | HELM_CHART_LEGACY)
}

/// Docker's types under their OCI names; all others as they are. Two manifests that differ only here
/// describe the same thing.
pub fn as_oci(media_type: &str) -> String {
    let essence = essence(media_type);
    match essence.as_str() {
        DOCKER_MANIFEST => OCI_MANIFEST.to_owned(),
        DOCKER_INDEX => OCI_INDEX.to_owned(),
        DOCKER_CONFIG => OCI_CONFIG.to_owned(),
        "application/vnd.docker.image.rootfs.diff.tar" => "application/vnd.oci.image.layer.v1.tar".to_owned(),
        "application/vnd.docker.image.rootfs.diff.tar.gzip" => {
            "application/vnd.oci.image.layer.v1.tar+gzip".to_owned()
        }
        "application/vnd.docker.image.rootfs.diff.tar.zstd" => {
            "application/vnd.oci.image.layer.v1.tar+zstd".to_owned()
        }
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" => {
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip".to_owned()
        }
        _ => essence,
    }
}

/// True when clients take the two types for the same thing: the same text, or Docker's and OCI's name as
/// they are written. Clients compare types byte by byte, whatever RFC 9110 says about letter case.
pub fn same_to_clients(a: &str, b: &str) -> bool {
    a == b || (essence(a) == a && essence(b) == b && as_oci(a) == as_oci(b))
}

/// True when the type names a tar archive, compressed or not.
pub fn is_tar(media_type: &str) -> bool {
    let oci = as_oci(media_type);
    let base = oci.split('+').next().unwrap_or_default();
    base.ends_with(".tar")
        || base == "application/tar"
        || base == "application/x-tar"
        || oci.ends_with("tar.gzip")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        assert!(is_index("Application/vnd.oci.image.index.v1+json; charset=utf-8"));
        assert_eq!(
            as_oci("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            "application/vnd.oci.image.layer.v1.tar+gzip"
        );
        assert!(is_tar(HELM_CHART) && is_tar(HELM_CHART_LEGACY) && is_tar(FLUX_CONTENT));
        assert!(is_tar("application/vnd.docker.image.rootfs.diff.tar.gzip"));
        assert!(!is_tar(HELM_PROVENANCE) && !is_tar(OCI_CONFIG));
    }

    #[test]
    fn clients_compare_types_as_they_are_written() {
        assert!(same_to_clients(OCI_CONFIG, DOCKER_CONFIG));
        assert!(!same_to_clients(OCI_CONFIG, &OCI_CONFIG.to_uppercase()));
        assert!(!same_to_clients(HELM_CHART, HELM_CHART_LEGACY));
    }
}
