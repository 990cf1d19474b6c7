//! What is neither more nor less: name, title, mission, and what runs.

use super::{Changes, Side, Turn};
use crate::role::{Role, Runtime};

pub(super) fn compare(changes: &mut Changes<'_>) {
    let (old, new): (&Role, &Role) = (&changes.old.role, &changes.new.role);
    let mut other = |path: &str, sentence: String| changes.add(Turn::Other, Side::New, path, sentence);
    if old.name != new.name {
        other("metadata.name", format!("It is another agent: {} instead of {}.", new.name, old.name));
    }
    if old.title != new.title {
        other("metadata.title", "Its title is another.".to_owned());
    }
    if old.mission != new.mission {
        other("spec.mission", "Its mission is worded otherwise.".to_owned());
    }
    if old.runtime.launcher() != new.runtime.launcher() {
        let sentence = format!("It is started by {} instead of {}.", new.runtime.launcher(), old.runtime.launcher());
        other("spec.runtime.launcher", sentence);
    }
    if let (Runtime::Kubernetes { image, .. }, Runtime::Kubernetes { image: new_image, .. }) =
        (&old.runtime, &new.runtime)
        && image != new_image
    {
        other("spec.runtime.image", format!("Its image is {new_image} instead of {image}."));
    }
    if old.runtime.command() != new.runtime.command() {
        other("spec.runtime.command", "Another command starts in it.".to_owned());
    }
}
