//! What a person wants to hear of what waits, outside the console.

use crate::{
    Error, Service,
    mail::{About, test_notice},
    policy::Action,
};
use countersign_domain::{
    Actor, Millis,
    email::Email,
    notice::{Cell, DAY_MINUTES, MOST_OFFSET_MINUTES, NoticeKind, NoticePrefs, Quiet, RAISED_AFTER, Raising},
    reading::NoticeSettings,
};

/// A try of the mail is of use for so long.
const TEST_MS: i64 = 60 * 60 * 1000;
/// Between two tries.
const TEST_GAP_MS: i64 = 60_000;

/// What somebody enters.
#[derive(Debug, Clone, Default)]
pub struct NoticeForm {
    /// A word of [`Cell`] for each kind, by the word of the kind.
    pub cells: Vec<(&'static str, String)>,
    /// As in `+01:00`.
    pub offset: String,
    /// As in `22:00`; both empty for none.
    pub quiet_from: String,
    pub quiet_to: String,
    pub digest: String,
    pub breaks_quiet: bool,
    /// Minutes; empty or 0 for never.
    pub raise_after: String,
    pub founders: bool,
}

impl Service {
    pub async fn read_notice_settings(&self, actor: &Actor) -> Result<NoticeSettings, Error> {
        self.allow(actor, Action::OwnNotices)?;
        let (prefs, verified) = self.ports.notices.prefs(actor.tenant, actor.person).await?;
        let prefs = prefs.unwrap_or_else(|| NoticePrefs::usual(actor.role));
        Ok(NoticeSettings { email: actor.email.clone(), verified, prefs })
    }

    pub async fn keep_notice_settings(&self, actor: &Actor, form: NoticeForm) -> Result<(), Error> {
        self.allow(actor, Action::OwnNotices)?;
        let prefs = prefs(&form)?;
        Ok(self.ports.notices.keep_prefs(actor.tenant, actor.person, &prefs, self.ports.clock.now()).await?)
    }

    /// Has a mail sent to the actor by which they see that mails arrive.
    pub async fn test_notices(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Action::OwnNotices)?;
        let (_, verified) = self.ports.notices.prefs(actor.tenant, actor.person).await?;
        if !verified {
            return Err(Error::Conflict("Confirm your address first, under “Your security”.".to_owned()));
        }
        let now = self.ports.clock.now();
        let email: Email = actor.email.parse().map_err(|error| Error::invalid("email", error))?;
        let draft = test_notice(&actor.tenant_name, &self.ports.connect.console_url, &actor.tenant_slug);
        let mail = self.seal_mail(draft, &email, About::Member(actor.tenant, actor.person), Millis(now.0 + TEST_MS))?;
        let since = Millis(now.0 - TEST_GAP_MS);
        if self.ports.notices.test(actor.tenant, actor.person, mail, since, now).await? {
            return Ok(());
        }
        Err(Error::Conflict("A test is on its way already. Try again in a minute.".to_owned()))
    }
}

fn prefs(form: &NoticeForm) -> Result<NoticePrefs, Error> {
    let mut prefs = NoticePrefs { breaks_quiet: form.breaks_quiet, ..NoticePrefs::default() };
    for kind in NoticeKind::ALL {
        let said = form.cells.iter().find(|(word, _)| *word == kind.as_str()).map_or("", |(_, cell)| cell.as_str());
        let cell: Cell = said.parse().map_err(|_| Error::invalid(kind.as_str(), "Choose how you hear of it."))?;
        prefs.cells.insert(kind.as_str().to_owned(), cell.as_str().to_owned());
    }
    prefs.offset = offset(&form.offset)
        .ok_or_else(|| Error::invalid("offset", "Write how far your clock is from UTC, such as +01:00 or -04:30."))?;
    let time = |field, text: &str| {
        minute(text).ok_or_else(|| Error::invalid(field, "Write a time of the day, such as 22:00."))
    };
    prefs.digest = time("digest", &form.digest)?;
    prefs.quiet = match (form.quiet_from.trim(), form.quiet_to.trim()) {
        ("", "") => None,
        (from, to) => Some(Quiet { from: time("quiet_from", from)?, to: time("quiet_to", to)? }),
    };
    // The hour of the day in UTC stands for that of any zone here: 0 minutes from it.
    let at_digest = Millis(i64::from(prefs.digest) * 60_000);
    if (NoticePrefs { offset: 0, ..prefs.clone() }).is_quiet(at_digest) {
        return Err(Error::invalid("digest", "Choose an hour outside your quiet hours: nothing is sent in them."));
    }
    prefs.raising = match form.raise_after.trim() {
        "" | "0" => None,
        text => match text.parse() {
            Ok(after) if RAISED_AFTER.contains(&after) => Some(Raising { after, founders: form.founders }),
            _ => return Err(Error::invalid("raise_after", "Choose from 1 to 1440 minutes, or leave it empty.")),
        },
    };
    Ok(prefs)
}

/// Minutes east of Greenwich.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}')) {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let minutes = i32::try_from(minute(rest)?).ok()?;
    (minutes <= MOST_OFFSET_MINUTES).then_some(sign * minutes)
}

/// Minutes since midnight, of `7:05` or `07:05`.
fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str, most: usize| {
        ((1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let (hour, minute): (u32, u32) = (digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?);
    (hour * 60 + minute < DAY_MINUTES && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> NoticeForm {
        NoticeForm {
            cells: NoticeKind::ALL.iter().map(|kind| (kind.as_str(), "digest".to_owned())).collect(),
            offset: "+01:00".into(),
            digest: "08:00".into(),
            ..NoticeForm::default()
        }
    }

    fn wrong(form: &NoticeForm) -> &'static str {
        match prefs(form) {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("taken: {other:?}"),
        }
    }

    #[test]
    fn a_clock_and_its_hours_are_read_as_people_write_them() {
        for (text, minutes) in [("+01:00", 60), ("5:45", 345), ("-04:30", -270), ("\u{2212}3:00", -180), ("00:00", 0)] {
            assert_eq!(offset(text), Some(minutes), "{text}");
        }
        for none in ["", "CET", "+15:00", "1", "+1:5", "24:00", "12:60", "--1:00"] {
            assert_eq!(offset(none), None, "{none}");
        }
        let read = prefs(&NoticeForm { quiet_from: "22:00".into(), quiet_to: "7:00".into(), ..form() }).unwrap();
        assert_eq!((read.offset, read.digest, read.quiet), (60, 480, Some(Quiet { from: 1320, to: 420 })));
    }

    #[test]
    fn what_cannot_be_is_refused_where_it_was_entered() {
        assert_eq!(wrong(&NoticeForm { offset: "CET".into(), ..form() }), "offset");
        assert_eq!(wrong(&NoticeForm { digest: "soon".into(), ..form() }), "digest");
        assert_eq!(wrong(&NoticeForm { quiet_from: "22:00".into(), ..form() }), "quiet_to");
        assert_eq!(wrong(&NoticeForm { raise_after: "2000".into(), ..form() }), "raise_after");
        assert_eq!(wrong(&NoticeForm { cells: Vec::new(), ..form() }), "brief_opened");
        let over = NoticeForm { quiet_from: "07:00".into(), quiet_to: "09:00".into(), ..form() };
        assert_eq!(wrong(&over), "digest");
    }
}
