//! The reference fleet and what its agents ask of each other.

/// One agent of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub name: &'static str,
    /// Whether it claims its tasks at the console.
    pub claims: bool,
    /// Tasks that it gives: to whom, of which kind, in which words.
    pub gives: &'static [(&'static str, &'static str, &'static str)],
    /// Of 100 attempts, so many are returned for another try.
    pub stumbles: u8,
    /// Of 100 attempts, in so many the worker crashes without an answer.
    pub crashes: u8,
    /// How many times slower than the fleet's average it works.
    pub slowness: f64,
    /// What an attempt costs, in dollars, on average.
    pub usd: f64,
}

/// The seven.
pub const MEMBERS: &[Member] = &[
    Member {
        name: "ceo",
        claims: true,
        gives: &[
            ("cto", "plan_sprint", "Plan the work on the billing page"),
            ("marketing", "write_summary", "Summarise this week for customers"),
            ("devops", "report_capacity", "Report what the cluster has left"),
        ],
        stumbles: 2,
        crashes: 0,
        slowness: 1.0,
        usd: 0.012,
    },
    Member {
        name: "cto",
        claims: true,
        gives: &[
            ("backend", "build_endpoint", "Build GET /v1/invoices"),
            ("frontend", "build_view", "Build the invoice list"),
            ("cso", "security_scan", "Scan the invoice service"),
        ],
        stumbles: 3,
        crashes: 0,
        slowness: 1.4,
        usd: 0.018,
    },
    Member {
        name: "cso",
        claims: true,
        gives: &[
            ("devops", "rotate_keys", "Rotate the staging keys"),
            ("backend", "fix_bug", "Validate the invoice id"),
        ],
        stumbles: 4,
        crashes: 1,
        slowness: 2.2,
        usd: 0.009,
    },
    Member {
        name: "backend",
        claims: false,
        gives: &[
            ("frontend", "update_client", "The invoice schema has a new field"),
            ("cso", "security_scan", "Scan the new endpoint"),
        ],
        stumbles: 8,
        crashes: 2,
        slowness: 1.0,
        usd: 0.021,
    },
    Member {
        name: "frontend",
        claims: true,
        gives: &[
            ("backend", "fix_bug", "The list returns a page too many"),
            ("marketing", "write_release_note", "Note the new invoice list"),
        ],
        stumbles: 8,
        crashes: 2,
        slowness: 1.0,
        usd: 0.016,
    },
    Member {
        name: "devops",
        claims: false,
        gives: &[
            ("cso", "security_scan", "Scan the new base image"),
            ("cto", "review_change", "Review the new limits"),
        ],
        stumbles: 5,
        crashes: 3,
        slowness: 0.6,
        usd: 0.005,
    },
    Member {
        name: "marketing",
        claims: false,
        gives: &[
            ("ceo", "approve_copy", "Look over the newsletter"),
            ("frontend", "build_view", "Add the newsletter sign-up"),
        ],
        stumbles: 2,
        crashes: 0,
        slowness: 0.8,
        usd: 0.007,
    },
];

/// Of 100 tasks, so many are poison: every attempt at them fails.
pub const POISON: u8 = 2;
/// Of 100 tasks, so many cannot be done by anybody.
pub const HOPELESS: u8 = 1;

/// Why an attempt is returned.
pub const REASONS: &[&str] = &[
    "The build timed out after 600 s",
    "The model's answer was cut off at its token limit",
    "429 from the model's provider, retry later",
    "The test database was not reachable",
];
