//! What a role allows in the Workspace.

use crate::{
    forbidden::Known,
    pattern::PathPattern,
    role::{Read, Role},
};
use serde::Serialize;

/// What an agent may read of the Workspace, besides its own tasks and the artifacts that they name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkspacePowers {
    /// Whether it may read the live figures.
    pub metrics: bool,
    /// Documents by path.
    pub allow: Vec<PathPattern>,
    /// Paths that stay closed though `allow` has them.
    pub deny: Vec<PathPattern>,
}

impl WorkspacePowers {
    /// Whether it may read the document at `path`.
    pub fn may_read(&self, path: &str) -> bool {
        let matches = |list: &[PathPattern]| list.iter().any(|pattern| pattern.matches(path));
        matches(&self.allow) && !matches(&self.deny)
    }
}

pub(super) fn compile(role: &Role) -> WorkspacePowers {
    let documents = role.reads.iter().filter_map(|read| match read {
        Read::Documents(pattern) => Some(pattern),
        Read::Metrics => None,
    });
    let mut allow: Vec<PathPattern> = Vec::new();
    for pattern in documents.clone() {
        if !documents.clone().any(|other| other != pattern && other.covers(pattern)) {
            allow.push(pattern.clone());
        }
    }
    let closed: Vec<Known> = role.forbidden_actions.iter().filter_map(Known::closed_by).collect();
    let deny = Known::ALL
        .into_iter()
        .filter(|known| closed.contains(known))
        .flat_map(Known::paths)
        .map(|path| PathPattern::parse(path).expect("a path of ours"))
        .collect();
    WorkspacePowers { metrics: role.reads.contains(&Read::Metrics), allow, deny }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_closed_though_everything_is_allowed() {
        let pattern = |text: &str| PathPattern::parse(text).unwrap();
        let powers = WorkspacePowers { metrics: false, allow: vec![pattern("**")], deny: vec![pattern("secrets/**")] };
        assert!(powers.may_read("docs/a") && powers.may_read("secrets"));
        assert!(!powers.may_read("secrets/key"));
    }
}
