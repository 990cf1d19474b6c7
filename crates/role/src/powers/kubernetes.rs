//! What the launcher `kubernetes` applies for a role: a pod without rights, on a volume of its own, that
//! reaches the bus, the Workspace API and the role's hosts. Held to the profile “restricted” of the Pod
//! Security Standards of Kubernetes.
//!
//! The manifests name no namespace: the launcher applies them in the one that is the agent's own.

use crate::{
    host::Host,
    image::Image,
    ordered,
    quantity::{Bytes, MilliCpu},
    role::{Role, Runtime},
};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Objects for Kubernetes, in the order in which they are applied: the network is closed before a pod can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifests(pub Vec<Value>);

impl Manifests {
    /// One YAML document an object, fields in alphabetical order.
    pub fn to_yaml(&self) -> String {
        ordered::yaml(&self.0)
    }

    /// One object of the kind `List`, as `kubectl apply` takes it.
    pub fn to_json(&self) -> String {
        ordered::json(&json!({ "apiVersion": "v1", "kind": "List", "items": self.0 }))
    }
}

impl Serialize for Manifests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ordered::Ordered(&Value::Array(self.0.clone())).serialize(serializer)
    }
}

/// No account on the node has this number, and it is not root.
const USER: u32 = 10_001;
/// The bus, as the product's own services listen.
const BUS_PORT: u16 = 4_222;
/// The Workspace API.
const API_PORT: u16 = 8_080;
/// Addresses that are not “outside”: this host, private networks (RFC 1918, RFC 6598), and link-local ones, where
/// clouds hand out credentials.
const INSIDE: [&str; 6] =
    ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];

pub(super) fn compile(role: &Role) -> Option<Manifests> {
    let Runtime::Kubernetes { image, command, cpu, memory } = &role.runtime else { return None };
    let name = format!("agent-{}", role.name.as_str().replace('_', "-"));
    let labels = json!({
        "app.kubernetes.io/component": "agent",
        "app.kubernetes.io/instance": role.name,
        "app.kubernetes.io/part-of": "countersign",
    });
    Some(Manifests(vec![
        network_policy(&name, &labels, &role.hosts),
        json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": { "name": name, "labels": labels },
            "automountServiceAccountToken": false,
        }),
        json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": { "name": name, "labels": labels },
            "spec": {
                "accessModes": ["ReadWriteOncePod"],
                "resources": { "requests": { "storage": role.volume } },
            },
        }),
        deployment(&name, &labels, image, command, *cpu, *memory),
    ]))
}

fn deployment(name: &str, labels: &Value, image: &Image, command: &[String], cpu: MilliCpu, memory: Bytes) -> Value {
    let resources = json!({ "cpu": cpu, "memory": memory });
    let mut container = json!({
        "name": "agent",
        "image": image,
        "resources": { "limits": resources, "requests": resources },
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": { "drop": ["ALL"] },
            "privileged": false,
            "readOnlyRootFilesystem": true,
        },
        "volumeMounts": [
            { "name": "work", "mountPath": "/work" },
            { "name": "tmp", "mountPath": "/tmp" },
            { "name": "credential", "mountPath": "/run/countersign", "readOnly": true },
        ],
        "workingDir": "/work",
    });
    if !command.is_empty() {
        // `$(NAME)` in a command is replaced by Kubernetes; what was approved is the text as it stands.
        let words: Vec<String> = command.iter().map(|word| word.replace("$(", "$$(")).collect();
        container["command"] = json!(words);
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": labels },
            // Never two at a time: they would work on the same tasks and the same volume.
            "strategy": { "type": "Recreate" },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "automountServiceAccountToken": false,
                    "containers": [container],
                    "enableServiceLinks": false,
                    "hostIPC": false,
                    "hostNetwork": false,
                    "hostPID": false,
                    "securityContext": {
                        "fsGroup": USER,
                        "runAsGroup": USER,
                        "runAsNonRoot": true,
                        "runAsUser": USER,
                        "seccompProfile": { "type": "RuntimeDefault" },
                    },
                    "serviceAccountName": name,
                    "volumes": [
                        { "name": "work", "persistentVolumeClaim": { "claimName": name } },
                        { "name": "tmp", "emptyDir": { "sizeLimit": "256Mi" } },
                        { "name": "credential", "secret": { "secretName": name, "defaultMode": 0o440 } },
                    ],
                },
            },
        },
    })
}

fn network_policy(name: &str, labels: &Value, hosts: &[Host]) -> Value {
    let own = |component: &str, port: u16| {
        let labels = json!({ "app.kubernetes.io/component": component, "app.kubernetes.io/part-of": "countersign" });
        json!({
            "to": [{ "namespaceSelector": {}, "podSelector": { "matchLabels": labels } }],
            "ports": [{ "protocol": "TCP", "port": port }],
        })
    };
    let kube_system = json!({ "matchLabels": { "kubernetes.io/metadata.name": "kube-system" } });
    let mut egress = vec![
        own("bus", BUS_PORT),
        own("server", API_PORT),
        json!({
            "to": [{ "namespaceSelector": kube_system, "podSelector": { "matchLabels": { "k8s-app": "kube-dns" } } }],
            "ports": [{ "protocol": "UDP", "port": 53 }, { "protocol": "TCP", "port": 53 }],
        }),
    ];
    for host in hosts {
        if let Some(address) = host.address() {
            egress.push(json!({
                "to": [{ "ipBlock": { "cidr": format!("{address}/32") } }],
                "ports": [{ "protocol": "TCP", "port": host.port }],
            }));
        }
    }
    // A network policy knows addresses and no names: for named hosts it opens their ports to the outside.
    let mut ports: Vec<u16> = hosts.iter().filter(|host| host.address().is_none()).map(|host| host.port).collect();
    ports.sort_unstable();
    ports.dedup();
    if !ports.is_empty() {
        let ports: Vec<Value> = ports.iter().map(|port| json!({ "protocol": "TCP", "port": port })).collect();
        egress.push(json!({
            "to": [{ "ipBlock": { "cidr": "0.0.0.0/0", "except": INSIDE } }],
            "ports": ports,
        }));
    }
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "podSelector": { "matchLabels": labels },
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [],
            "egress": egress,
        },
    })
}
