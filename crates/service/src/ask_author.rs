//! A question back to a brief's author. It is a task; what the author hands in with it is the answer.

use crate::{Error, Service, policy::Action, ports::NewQuestion};
use countersign_domain::{Actor, BriefId, TaskId, brief::MOST_QUESTION, hidden::is_hidden};

impl Service {
    /// Asks; answers the id of the task. [`Error::Invalid`] about `question`, [`Error::Conflict`] where the brief is
    /// decided.
    pub async fn ask_author(&self, actor: &Actor, brief: BriefId, question: &str) -> Result<TaskId, Error> {
        self.allow(actor, Action::AskAuthor)?;
        let question = written("question", question, MOST_QUESTION)?;
        if question.is_empty() {
            return Err(Error::invalid("question", "Write what you want to know."));
        }
        let act = self.act(actor);
        let task = TaskId(self.ports.entropy.uuid(act.at));
        self.ports.briefs.ask(actor.tenant, NewQuestion { brief, question, task, act }).await?;
        Ok(task)
    }
}

/// A text that a person wrote into a form: trimmed, of at most `most` characters, with nothing hidden in it, since
/// agents act on it and passkeys sign it.
pub(crate) fn written(field: &'static str, text: &str, most: usize) -> Result<String, Error> {
    // Forms end lines as mail does (HTML, section 4.10.22.4).
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > most {
        return Err(Error::invalid(field, format!("Keep it to {most} characters.")));
    }
    if text.chars().any(is_hidden) {
        return Err(Error::invalid(field, "There is a character in it that cannot be seen. Take it out."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn what_a_person_writes_hides_nothing_and_ends_its_lines_in_one_way() {
        assert_eq!(written("x", " a\r\nb ", 3).unwrap(), "a\nb");
        assert_eq!(written("x", "", 3).unwrap(), "");
        for bad in ["abcd", "a\u{202e}", "a\0", "a\u{200b}b"] {
            assert!(written("x", bad, 3).is_err(), "{bad:?}");
        }
    }
}
