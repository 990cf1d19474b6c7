//! State is shown as icon, word and colour together, never by colour alone.

/// Which of the palette's state colours something has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to see: it waits its turn or never began.
    Quiet,
    /// Under way.
    Info,
    Ok,
    /// Needs an eye.
    Warn,
    /// Needs a hand.
    Bad,
}

impl Tone {
    /// The class that gives an element this tone.
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "tone-quiet",
            Self::Info => "tone-info",
            Self::Ok => "tone-ok",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        }
    }
}

/// How a state looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    pub word: &'static str,
    /// The id of a symbol in `/icons.svg`.
    pub icon: &'static str,
    pub tone: Tone,
}

impl Face {
    pub const fn new(word: &'static str, icon: &'static str, tone: Tone) -> Self {
        Self { word, icon, tone }
    }
}
