//! Who may do what: one pure function.

use crate::Error;
use countersign_domain::{Actor, How, Millis, Role, api_token::Scope};

/// How long ago somebody may have proven who they are, for what asks for that (OWASP ASVS 5.0, 7.5.3).
pub const FRESH_MS: i64 = 5 * 60 * 1000;

/// The version of the rule by which founders decide briefs: a founder, and nobody else. Decisions name it.
pub const BRIEF_POLICY: &str = "founder/1";
/// The version of the rule by which somebody decides a brief in the founders' place: whom they handed it to, from its
/// deadline on or while they are away.
pub const DELEGATE_POLICY: &str = "delegate/1";

/// What a person may want to do. A new use case adds a line here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Read,
    ProposeRole,
    ProbeRole,
    /// To approve, to reject and to revoke.
    DecideReview,
    /// How many founders have to approve.
    AskApprovals,
    /// To answer a brief in one's own name, without a passkey's signature.
    DecideBrief,
    /// To answer it with one: the signature is the proof.
    SignDecision,
    /// To take one's own answer back while it is held.
    UndoDecision,
    /// To answer a brief that the founders have handed to one, and none other.
    DecideDelegated,
    SignDelegated,
    /// To have it decided anew what nobody had decided.
    ReverseDecision,
    /// To be away, and what silence means meanwhile.
    DeclareAway,
    /// To be back.
    EndAway,
    /// To let an agent act on its own recommendations: a passkey signs it.
    GrantAutonomy,
    RevokeGrant,
    /// To put a brief out of sight for a while.
    SnoozeBrief,
    /// To ask a brief's author something.
    AskAuthor,
    /// To say how a decision turned out, or to put that off.
    LookBack,
    /// To put a brief before the founders by one's own hand.
    WriteBrief,
    /// To tell facts that agents cannot see, and to take them back.
    ChangeContext,
    /// What silence means in a category.
    SetBriefPolicy,
    /// The emergency stop, and its end.
    StopAgents,
    IssueCredential,
    RevokeCredential,
    CreateTask,
    CancelTask,
    ReprioritiseTask,
    ReplayLetter,
    DismissLetter,
    MendQuarantine,
    ControlAgent,
    CheckJournal,
    ExportJournal,
    /// To see and end sessions of one's own.
    EndOwnSession,
    ChangeOwnPassword,
    SeeTokens,
    MakeToken,
    RevokeToken,
    /// To see whether one's own address is confirmed, and to confirm it.
    ConfirmOwnAddress,
    ChangeOwnAddress,
    /// To invite, to change roles and to remove members.
    ChangeMembers,
    /// To see what was mailed to whom.
    ReadMail,
    /// To read an invitation with its link.
    ShowMail,
    /// One's own passkeys and authenticator app.
    ChangeOwnFactors,
    /// To see what is agreed with the identity provider.
    SeeSso,
    ChangeSso,
    /// To see and change what one is told outside the console.
    OwnNotices,
    /// To see where what waits is sent, and what was.
    SeeWebhooks,
    ChangeWebhooks,
    /// To have something sent again, or an address tried.
    ReplayWebhook,
}

impl Action {
    pub const ALL: [Self; 50] = [
        Self::Read,
        Self::ProposeRole,
        Self::ProbeRole,
        Self::DecideReview,
        Self::AskApprovals,
        Self::DecideBrief,
        Self::SignDecision,
        Self::UndoDecision,
        Self::DecideDelegated,
        Self::SignDelegated,
        Self::ReverseDecision,
        Self::DeclareAway,
        Self::EndAway,
        Self::GrantAutonomy,
        Self::RevokeGrant,
        Self::SnoozeBrief,
        Self::AskAuthor,
        Self::LookBack,
        Self::WriteBrief,
        Self::ChangeContext,
        Self::SetBriefPolicy,
        Self::StopAgents,
        Self::IssueCredential,
        Self::RevokeCredential,
        Self::CreateTask,
        Self::CancelTask,
        Self::ReprioritiseTask,
        Self::ReplayLetter,
        Self::DismissLetter,
        Self::MendQuarantine,
        Self::ControlAgent,
        Self::CheckJournal,
        Self::ExportJournal,
        Self::EndOwnSession,
        Self::ChangeOwnPassword,
        Self::SeeTokens,
        Self::MakeToken,
        Self::RevokeToken,
        Self::ConfirmOwnAddress,
        Self::ChangeOwnAddress,
        Self::ChangeMembers,
        Self::ReadMail,
        Self::ShowMail,
        Self::ChangeOwnFactors,
        Self::SeeSso,
        Self::ChangeSso,
        Self::OwnNotices,
        Self::SeeWebhooks,
        Self::ChangeWebhooks,
        Self::ReplayWebhook,
    ];

    /// What it is, for people: “may …”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "see everything of the organization",
            Self::ProposeRole => "propose a role file, for a new agent or a known one",
            Self::ProbeRole => "probe a role file on the bus",
            Self::DecideReview => "approve or reject a role file, and revoke an approval",
            Self::AskApprovals => "say how many founders have to approve a role file",
            Self::DecideBrief => "decide a brief",
            Self::SignDecision => "decide a brief with a passkey's signature",
            Self::UndoDecision => "take one's own decision back while it is held",
            Self::DecideDelegated => "decide a brief that was handed to them",
            Self::SignDelegated => "decide a brief that was handed to them with a passkey's signature",
            Self::ReverseDecision => "have it decided anew what nobody had decided",
            Self::DeclareAway => "say when the founders are away, and what silence means then",
            Self::EndAway => "say that the founders are back",
            Self::GrantAutonomy => "let an agent act on its own recommendations, with a passkey's signature",
            Self::RevokeGrant => "take such a grant back",
            Self::SnoozeBrief => "put a brief off until later",
            Self::AskAuthor => "ask a brief's author a question",
            Self::LookBack => "say how a decision turned out, and put that off",
            Self::WriteBrief => "write a brief",
            Self::ChangeContext => "tell facts that agents cannot see, and take them back",
            Self::SetBriefPolicy => "say what silence means for briefs of a category",
            Self::StopAgents => "stop agents in an emergency, and lift the stop",
            Self::IssueCredential => "issue a credential to an agent",
            Self::RevokeCredential => "revoke a credential",
            Self::CreateTask => "give a task",
            Self::CancelTask => "cancel a task",
            Self::ReprioritiseTask => "change a task's priority",
            Self::ReplayLetter => "replay dead letters, and stop a replay",
            Self::DismissLetter => "dismiss dead letters",
            Self::MendQuarantine => "requeue or dismiss a message in quarantine",
            Self::ControlAgent => "pause and resume an agent, open and close its breaker",
            Self::CheckJournal => "check whether the journal is whole",
            Self::ExportJournal => "export acts and the journal",
            Self::EndOwnSession => "see and end sessions of one's own",
            Self::ChangeOwnPassword => "change one's own password",
            Self::SeeTokens => "see the tokens of the API",
            Self::MakeToken => "make a token of the API",
            Self::RevokeToken => "revoke a token of the API",
            Self::ConfirmOwnAddress => "see and confirm one's own address",
            Self::ChangeOwnAddress => "change one's own address",
            Self::ChangeMembers => "invite people, change roles, remove members",
            Self::ReadMail => "see what was mailed to whom",
            Self::ShowMail => "read an invitation with its link",
            Self::ChangeOwnFactors => "add and remove one's own passkeys and authenticator app",
            Self::SeeSso => "see what is agreed with the identity provider",
            Self::ChangeSso => "change, require and remove single sign-on",
            Self::OwnNotices => "see and change what one is told outside the console",
            Self::SeeWebhooks => "see where what waits is sent, and what was",
            Self::ChangeWebhooks => "make, switch and re-key webhooks",
            Self::ReplayWebhook => "have something sent to a webhook again, or try its address",
        }
    }

    /// Whether it asks for a proof of who they are that is not older than [`FRESH_MS`].
    pub fn is_fresh(self) -> bool {
        matches!(
            self,
            Self::IssueCredential
                | Self::RevokeCredential
                | Self::DecideReview
                | Self::AskApprovals
                | Self::DecideBrief
                | Self::DecideDelegated
                | Self::DeclareAway
                | Self::SetBriefPolicy
                | Self::StopAgents
                | Self::MakeToken
                | Self::RevokeToken
                | Self::ChangeMembers
                | Self::ShowMail
                | Self::ChangeOwnAddress
                | Self::ChangeOwnFactors
                | Self::ChangeSso
                | Self::ChangeWebhooks
        )
    }

    /// Whether it changes by what the person is known everywhere.
    fn is_of_account(self) -> bool {
        matches!(self, Self::ChangeOwnAddress | Self::ChangeOwnFactors)
    }

    /// The least role that may do it.
    pub fn needs(self) -> Role {
        match self {
            Self::Read
            | Self::EndOwnSession
            | Self::ChangeOwnPassword
            | Self::ConfirmOwnAddress
            | Self::ChangeOwnAddress
            | Self::ChangeOwnFactors
            | Self::OwnNotices => Role::Observer,
            Self::CheckJournal
            | Self::ExportJournal
            | Self::DecideDelegated
            | Self::SignDelegated
            | Self::UndoDecision => Role::Reviewer,
            Self::ProposeRole
            | Self::ProbeRole
            | Self::DecideReview
            | Self::AskApprovals
            | Self::DecideBrief
            | Self::SignDecision
            | Self::ReverseDecision
            | Self::DeclareAway
            | Self::EndAway
            | Self::GrantAutonomy
            | Self::RevokeGrant
            | Self::SnoozeBrief
            | Self::AskAuthor
            | Self::LookBack
            | Self::WriteBrief
            | Self::ChangeContext
            | Self::SetBriefPolicy
            | Self::StopAgents
            | Self::IssueCredential
            | Self::RevokeCredential
            | Self::CreateTask
            | Self::CancelTask
            | Self::ReprioritiseTask
            | Self::ReplayLetter
            | Self::DismissLetter
            | Self::MendQuarantine
            | Self::ControlAgent
            | Self::ChangeMembers
            | Self::ReadMail
            | Self::ShowMail
            | Self::SeeTokens
            | Self::MakeToken
            | Self::RevokeToken
            | Self::SeeSso
            | Self::ChangeSso
            | Self::SeeWebhooks
            | Self::ChangeWebhooks
            | Self::ReplayWebhook => Role::Founder,
        }
    }

    /// What lets a token do it; `None` is for people alone.
    pub fn scope(self) -> Option<Scope> {
        match self {
            Self::Read => Some(Scope::Read),
            Self::CreateTask | Self::CancelTask | Self::ReprioritiseTask => Some(Scope::Tasks),
            Self::ReplayLetter | Self::DismissLetter => Some(Scope::DeadLetters),
            Self::ControlAgent => Some(Scope::Agents),
            Self::WriteBrief => Some(Scope::Briefs),
            _ => None,
        }
    }
}

/// A higher rank may do all that a lower one may.
pub fn rank(role: Role) -> u8 {
    match role {
        Role::Observer => 0,
        Role::Reviewer => 1,
        Role::Founder => 2,
    }
}

/// Lets the actor pass, or answers with [`Error::Forbidden`] and the role that would be needed, or with
/// [`Error::StepUp`] where the actor has to prove again who they are, or with [`Error::Conflict`] where a
/// provider's word is not enough. Who comes by a token may do what both their
/// role and its scopes allow, else it is [`Error::OutOfScope`].
pub fn allow(actor: &Actor, action: Action, now: Millis) -> Result<(), Error> {
    if rank(actor.role) < rank(action.needs()) {
        return Err(Error::Forbidden(action.needs()));
    }
    if let Some(scopes) = &actor.scopes
        && !action.scope().is_some_and(|scope| scopes.contains(&scope))
    {
        return Err(Error::OutOfScope(action.scope()));
    }
    // What is changed there counts in all their tenants, and this one's provider speaks for this one alone.
    if actor.elsewhere && actor.via.how == How::Sso && action.is_of_account() {
        return Err(Error::Conflict(
            "You came through one organization's sign-in service, and belong to another organization too. Sign in with \
             your password or a passkey to change this; “Forgot your password?” on the sign-in page gives you one."
                .to_owned(),
        ));
    }
    if action.is_fresh() && now.since(actor.proven_at) > FRESH_MS {
        return Err(Error::StepUp);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{PersonId, TenantId, Via};
    use uuid::Uuid;

    fn actor(role: Role) -> Actor {
        Actor {
            person: PersonId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            tenant_slug: "acme".into(),
            tenant_name: "Acme".into(),
            role,
            name: "Ada".into(),
            email: "ada@example.com".into(),
            proven_at: Millis(0),
            elsewhere: false,
            via: Via::new(How::Password, String::new()),
            scopes: None,
        }
    }

    #[test]
    fn a_token_may_do_what_its_scopes_and_its_persons_role_allow_and_nothing_that_asks_for_a_fresh_proof() {
        for scope in Scope::ALL {
            let by_token = |role| Actor { scopes: Some(vec![*scope]), ..actor(role) };
            for action in Action::ALL {
                let covered = action.scope() == Some(*scope);
                assert_eq!(allow(&by_token(Role::Founder), action, Millis(0)).is_ok(), covered, "{scope:?} {action:?}");
                let read = covered && action == Action::Read;
                assert_eq!(allow(&by_token(Role::Observer), action, Millis(0)).is_ok(), read, "{scope:?} {action:?}");
                assert!(!(action.is_fresh() && action.scope().is_some()), "{action:?}");
            }
        }
    }

    #[test]
    fn one_organizations_provider_does_not_change_what_opens_another() {
        let by_provider = |elsewhere| {
            let via = Via::new(How::Sso, String::new());
            Actor { elsewhere, via, ..actor(Role::Founder) }
        };
        for action in Action::ALL {
            assert!(allow(&by_provider(false), action, Millis(0)).is_ok(), "{action:?}");
            let refused = matches!(allow(&by_provider(true), action, Millis(0)), Err(Error::Conflict(_)));
            assert_eq!(refused, matches!(action, Action::ChangeOwnAddress | Action::ChangeOwnFactors), "{action:?}");
        }
    }

    #[test]
    fn a_founder_may_do_everything() {
        for action in Action::ALL {
            assert!(allow(&actor(Role::Founder), action, Millis(0)).is_ok(), "{action:?}");
        }
    }

    #[test]
    fn reviewers_and_observers_read_and_change_nothing_but_what_is_their_own() {
        for role in [Role::Reviewer, Role::Observer] {
            for action in Action::ALL {
                let own = matches!(
                    action,
                    Action::Read
                        | Action::EndOwnSession
                        | Action::ChangeOwnPassword
                        | Action::ConfirmOwnAddress
                        | Action::ChangeOwnAddress
                        | Action::ChangeOwnFactors
                        | Action::OwnNotices
                );
                // Neither changes anything but the journal, which says so.
                let looks = matches!(action, Action::CheckJournal | Action::ExportJournal);
                // Of the one brief that was handed to them, and of their own word about it.
                let handed = matches!(action, Action::DecideDelegated | Action::SignDelegated | Action::UndoDecision);
                let may = own || ((looks || handed) && role == Role::Reviewer);
                assert_eq!(allow(&actor(role), action, Millis(0)).is_ok(), may, "{role:?} {action:?}");
            }
        }
    }

    #[test]
    fn what_asks_for_a_fresh_proof_is_refused_after_five_minutes() {
        for action in Action::ALL {
            let at = |ms| allow(&actor(Role::Founder), action, Millis(ms));
            assert!(at(FRESH_MS).is_ok(), "{action:?}");
            assert_eq!(matches!(at(FRESH_MS + 1), Err(Error::StepUp)), action.is_fresh(), "{action:?}");
        }
    }
}
