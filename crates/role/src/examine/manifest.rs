//! Examines an object for Kubernetes, whoever wrote it: what the compiler makes, and deployments that come to
//! review. Held against the profile “restricted” of the Pod Security Standards of Kubernetes.

use super::{Rule, Severity};
use crate::image::Image;
use serde::Serialize;
use serde_json::Value;

/// What was found in an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManifestFinding {
    pub rule: Rule,
    pub severity: Severity,
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    pub why: String,
    pub fix: String,
}

struct Found(Vec<ManifestFinding>);

impl Found {
    fn pod(&mut self, severity: Severity, pointer: String, why: &str, fix: &str) {
        self.0.push(ManifestFinding { rule: Rule::PrivilegedPod, severity, pointer, why: why.into(), fix: fix.into() });
    }
}

/// Finds pods in the object, however deep (a deployment's template, items of a list), and rights of service
/// accounts on secrets.
pub fn examine_manifest(object: &Value) -> Vec<ManifestFinding> {
    let mut found = Found(Vec::new());
    walk(object, &mut String::new(), &mut found);
    found.0
}

fn walk(value: &Value, pointer: &mut String, found: &mut Found) {
    let length = pointer.len();
    match value {
        Value::Object(fields) => {
            if fields.get("containers").is_some_and(Value::is_array) {
                pod(value, pointer, found);
            }
            if fields.get("resources").is_some_and(Value::is_array) && fields.contains_key("verbs") {
                rights(value, pointer, found);
            }
            for (name, inner) in fields {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(inner, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                pointer.push_str(&format!("/{at}"));
                walk(inner, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn pod(pod: &Value, at: &str, found: &mut Found) {
    use Severity::{Critical, High, Medium};
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if pod[field] == true {
            let why = "The pod shares the network, processes or memory of its node.";
            found.pod(Critical, format!("{at}/{field}"), why, "Remove it.");
        }
    }
    for (number, volume) in pod["volumes"].as_array().into_iter().flatten().enumerate() {
        if volume.get("hostPath").is_some() {
            let why = "The pod has files of its node.";
            found.pod(Critical, format!("{at}/volumes/{number}/hostPath"), why, "Use a volume of its own.");
        }
    }
    if pod["automountServiceAccountToken"] != false {
        let why = "The pod gets a token of its service account.";
        let fix = "Write automountServiceAccountToken: false.";
        found.pod(High, format!("{at}/automountServiceAccountToken"), why, fix);
    }
    let shared = &pod["securityContext"];
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for (number, container) in pod[list].as_array().into_iter().flatten().enumerate() {
            container_of(container, shared, &format!("{at}/{list}/{number}"), found);
        }
    }
    let seccomp = shared["seccompProfile"]["type"].as_str();
    if !matches!(seccomp, Some("RuntimeDefault" | "Localhost")) {
        let why = "The pod may use every call of the kernel.";
        let fix = "Write seccompProfile: { type: RuntimeDefault }.";
        found.pod(Medium, format!("{at}/securityContext/seccompProfile"), why, fix);
    }
}

fn container_of(container: &Value, shared: &Value, at: &str, found: &mut Found) {
    use Severity::{Critical, High};
    let own = &container["securityContext"];
    let context = format!("{at}/securityContext");
    if own["privileged"] == true {
        let why = "The container has all rights of its node.";
        found.pod(Critical, format!("{context}/privileged"), why, "Remove it.");
    }
    if own["allowPrivilegeEscalation"] != false {
        let why = "Programs in the container may gain rights.";
        let fix = "Write allowPrivilegeEscalation: false.";
        found.pod(High, format!("{context}/allowPrivilegeEscalation"), why, fix);
    }
    let dropped = own["capabilities"]["drop"].as_array().is_some_and(|list| list.iter().any(|name| name == "ALL"));
    let added = own["capabilities"]["add"].as_array().is_some_and(|list| !list.is_empty());
    if !dropped || added {
        let why = "The container keeps or gains capabilities.";
        let fix = "Write capabilities: { drop: [ALL] }, and add none.";
        found.pod(High, format!("{context}/capabilities"), why, fix);
    }
    // What the container says itself holds before what the pod says.
    let said = |field: &str| own.get(field).or_else(|| shared.get(field)).unwrap_or(&Value::Null).clone();
    if said("runAsUser") == 0 || said("runAsNonRoot") != true {
        let why = "The container may run as root.";
        let fix = "Write runAsNonRoot: true and a runAsUser that is not 0.";
        found.pod(Critical, format!("{context}/runAsNonRoot"), why, fix);
    }
    let pinned = container["image"].as_str().and_then(Image::parse).is_some_and(|image| image.is_pinned());
    if !pinned {
        found.0.push(ManifestFinding {
            rule: Rule::UnpinnedImage,
            severity: High,
            pointer: format!("{at}/image"),
            why: "The image is named by a tag, which can be moved to other content after the approval.".into(),
            fix: "Add its digest: @sha256: and 64 digits.".into(),
        });
    }
}

/// A rule of a role of Kubernetes: over-broad ones of these were open for eleven days in the first fleet.
fn rights(rule: &Value, at: &str, found: &mut Found) {
    let has = |field: &str, names: &[&str]| {
        rule[field]
            .as_array()
            .is_some_and(|list| list.iter().any(|name| name.as_str().is_some_and(|n| names.contains(&n))))
    };
    if has("resources", &["secrets", "*"]) {
        found.0.push(ManifestFinding {
            rule: Rule::ForeignSecrets,
            severity: Severity::Critical,
            pointer: format!("{at}/resources"),
            why: "Whoever has this right reads secrets.".into(),
            fix: "Leave secrets out; mount the one that is needed.".into(),
        });
    }
    if has("verbs", &["*", "escalate", "bind", "impersonate"]) {
        found.0.push(ManifestFinding {
            rule: Rule::WildcardPermission,
            severity: Severity::Critical,
            pointer: format!("{at}/verbs"),
            why: "Whoever has this right may take any other.".into(),
            fix: "Name the verbs that are needed.".into(),
        });
    }
}
