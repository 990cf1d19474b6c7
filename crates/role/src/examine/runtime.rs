//! Rules about what runs. No role can ask for a privileged pod, and the compiled one is examined all the same.

use super::{Examination, Rule, Severity, examine_manifest};
use crate::{
    powers,
    role::{Role, Runtime},
};

pub(super) fn examine(examination: &mut Examination<'_>) {
    let role: &Role = &examination.file.role;
    if let Runtime::Kubernetes { image, .. } = &role.runtime
        && !image.is_pinned()
    {
        let why =
            format!("The image “{image}” is named by a tag, which can be moved to other content after the approval.");
        let fix = "Add its digest: @sha256: and 64 digits.";
        examination.add(Rule::UnpinnedImage, Severity::High, "spec.runtime.image", why, fix);
    }
    for (at, word) in role.runtime.command().iter().enumerate() {
        for (rule, severity, why) in suspicious(word) {
            let fix = "Start a program that needs no rights besides those of its role.";
            examination.add(rule, severity, format!("spec.runtime.command[{at}]"), why, fix);
        }
    }
    if let Some(manifests) = powers::compile(role).kubernetes {
        for found in manifests.0.iter().flat_map(examine_manifest).filter(|found| found.rule == Rule::PrivilegedPod) {
            let why = format!("{}: {}", found.pointer, found.why);
            examination.add(found.rule, found.severity, "spec.runtime", why, found.fix);
        }
    }
}

/// What a word of a command gives away. Words are taken apart at blanks and quotes, since a shell may stand
/// before them.
fn suspicious(word: &str) -> Vec<(Rule, Severity, String)> {
    const RAISES: [&str; 8] = ["sudo", "su", "doas", "pkexec", "nsenter", "unshare", "chroot", "setcap"];
    const OPTIONS: [&str; 6] =
        ["--privileged", "--pid=host", "--net=host", "--network=host", "--cap-add", "--userns=host"];
    let parts: Vec<&str> = word.split(|c: char| c.is_whitespace() || "\"'`;&|()$".contains(c)).collect();
    let program = |part: &str| part.rsplit('/').next().unwrap_or(part).to_owned();
    let mut found = Vec::new();
    let raises = parts
        .iter()
        .find(|part| RAISES.contains(&program(part).as_str()) || OPTIONS.iter().any(|option| part.starts_with(option)));
    if let Some(part) = raises {
        let why = format!(
            "The command has “{}”, which takes more rights than the agent is given.",
            crate::visible::shown(part)
        );
        found.push((Rule::PrivilegedCommand, Severity::Critical, why));
    }
    let secrets = ["docker.sock", "/var/run/secrets", "/etc/shadow", "/proc/1/"];
    let asks_cluster = parts.iter().any(|part| program(part) == "kubectl")
        && parts.iter().any(|part| ["secret", "secrets"].contains(part) || part.starts_with("secret/"));
    if asks_cluster || secrets.iter().any(|place| word.contains(place)) {
        let why = "The command reaches for secrets that are not the agent's own.".to_owned();
        found.push((Rule::ForeignSecrets, Severity::Critical, why));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(word: &str) -> Vec<Rule> {
        suspicious(word).into_iter().map(|(rule, ..)| rule).collect()
    }

    #[test]
    fn a_word_is_judged_by_its_parts() {
        assert_eq!(rules("sudo"), [Rule::PrivilegedCommand]);
        assert_eq!(rules("cd /; /usr/bin/sudo ls"), [Rule::PrivilegedCommand]);
        assert_eq!(rules("kubectl get secrets -A"), [Rule::ForeignSecrets]);
        assert_eq!(
            rules("docker run --privileged -v /var/run/docker.sock:/s x"),
            [Rule::PrivilegedCommand, Rule::ForeignSecrets]
        );
        for plain in ["summary", "pseudo", "kubectl get pods", "--secret-free", "result", "unshared"] {
            assert_eq!(rules(plain), [], "{plain}");
        }
    }
}
