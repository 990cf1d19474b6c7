//! Joining a tenant by an invitation's link.

use crate::{
    Client, Error, Service, SignedIn,
    authenticate::IDLE_MS,
    ports::{Fate, Invitation, Joiner, StoreError},
    set_up::{check_password, line},
    sign_in::{Proven, digest},
};
use countersign_domain::{Act, How, PersonId, Via, email::Email, reading::InvitationOffer};

/// Tries of links that one network address may make within the window.
const PER_ADDRESS: u32 = 30;

const UNKNOWN: &str = "This invitation does not work. Ask whoever invited you for another.";
const OTHER_ADDRESS: &str =
    "This invitation is for another address than yours. Sign out, and open it again as whom it is for.";

/// Why an invitation does not work any more, for whoever opens it, and in a word for the journal.
fn over(fate: Fate) -> Option<(&'static str, &'static str)> {
    match fate {
        Fate::Live => None,
        Fate::Used => {
            Some(("This invitation was used already. Sign in with the account that it was used with.", "used"))
        }
        Fate::Expired => Some(("This invitation has expired. Ask whoever invited you for another.", "expired")),
        Fate::Ended => Some(("This invitation was taken back, or a newer one was sent.", "revoked")),
    }
}

impl Service {
    /// What an invitation offers. [`Error::Conflict`] says why it does not work (any more).
    pub async fn read_invitation(&self, token: &str) -> Result<InvitationOffer, Error> {
        let found = self.invitation(token).await?;
        if let Some((sentence, _)) = over(found.fate) {
            return Err(Error::Conflict(sentence.to_owned()));
        }
        let sso = self.demands_sso(found.tenant, &found.email).await?.then_some(found.tenant_slug);
        Ok(InvitationOffer {
            tenant_name: found.tenant_name,
            role: found.role,
            email: found.email,
            invited_by: found.inviter,
            expires_at: found.until,
            has_account: found.holder.is_some(),
            sso,
        })
    }

    /// Makes an account for the invited person, who joins and is signed in.
    pub async fn accept_invitation(
        &self,
        token: &str,
        name: &str,
        password: String,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        let found = self.invitation_to_use(token, client).await?;
        if found.holder.is_some() {
            self.refuse_invitation(&found, "has_account", client).await?;
            return Err(Error::Conflict(format!("{} has an account. Sign in to join.", found.email)));
        }
        let name = line("name", name, "Enter your name.")?;
        let email: Email = found.email.parse().map_err(|error| Error::invalid("email", error))?;
        check_password("password", &password, &email)?;
        let hash = self.passwords.hash(password, self.ports.entropy.bytes32()).await?;
        let now = self.ports.clock.now();
        let person = PersonId(self.ports.entropy.uuid(now));
        let joiner = Joiner::New { person, name, password_hash: hash.clone() };
        self.join(token, &found, joiner, self.by_link(person, client), client).await?;
        let proven = Proven { person, how: How::Password, password_hash: Some(hash) };
        let signed_in = self.open_session(proven, client).await?;
        Ok(SignedIn { tenant_slug: found.tenant_slug, ..signed_in })
    }

    /// Lets the person of a session, whose address is the invited one, join; answers the tenant's name in addresses.
    pub async fn join_tenant(&self, token: &str, session: Option<&str>, client: &Client) -> Result<String, Error> {
        let (person, email) = self.session_person(session).await?;
        let found = self.invitation_to_use(token, client).await?;
        if email != found.email {
            self.refuse_invitation(&found, "other_address", client).await?;
            return Err(Error::Conflict(OTHER_ADDRESS.to_owned()));
        }
        self.join(token, &found, Joiner::Known(person), self.by_link(person, client), client).await?;
        Ok(found.tenant_slug)
    }

    /// The person of a live session and their address, whether they belong to a tenant or not.
    pub async fn session_person(&self, session: Option<&str>) -> Result<(PersonId, String), Error> {
        let session = digest(session.ok_or(Error::SignedOut)?);
        match self.ports.addresses.of_session(session, self.ports.clock.now(), IDLE_MS).await {
            Err(StoreError::NotFound) => Err(Error::SignedOut),
            answer => Ok(answer?),
        }
    }

    async fn join(
        &self,
        token: &str,
        found: &Invitation,
        joiner: Joiner,
        act: Act,
        client: &Client,
    ) -> Result<(), Error> {
        match self.ports.members.join(digest(token), joiner, act).await {
            // Somebody was quicker.
            Err(StoreError::NotFound) => {
                let fate = self.invitation(token).await?.fate;
                let (sentence, why) = over(fate).unwrap_or((UNKNOWN, "unknown"));
                self.refuse_invitation(found, why, client).await?;
                Err(Error::Conflict(sentence.to_owned()))
            }
            answer => Ok(answer?),
        }
    }

    async fn invitation(&self, token: &str) -> Result<Invitation, Error> {
        match self.ports.members.invitation(digest(token), self.ports.clock.now()).await {
            Err(StoreError::NotFound) => Err(Error::Conflict(UNKNOWN.to_owned())),
            answer => Ok(answer?),
        }
    }

    /// The invitation of a live link. Tries are counted: a link cannot be guessed, but using up a journal could be fun.
    async fn invitation_to_use(&self, token: &str, client: &Client) -> Result<Invitation, Error> {
        self.take_try_of_address("link", client, PER_ADDRESS).await?;
        let found = self.invitation(token).await?;
        match over(found.fate) {
            // What waits for them is taken up when they come through the provider.
            None if self.demands_sso(found.tenant, &found.email).await? => {
                self.refuse_invitation(&found, "sso_required", client).await?;
                Err(Error::Conflict(format!("{} is entered through its own sign-in.", found.tenant_name)))
            }
            None => Ok(found),
            Some((sentence, why)) => {
                self.refuse_invitation(&found, why, client).await?;
                Err(Error::Conflict(sentence.to_owned()))
            }
        }
    }

    async fn refuse_invitation(&self, found: &Invitation, why: &'static str, client: &Client) -> Result<(), Error> {
        let act = self.by_link(found.invited_by, client);
        Ok(self.ports.members.note_refusal(found.tenant, &found.email, why, act).await?)
    }

    /// What somebody does, or tries to do, who came by a link.
    pub(crate) fn by_link(&self, person: PersonId, client: &Client) -> Act {
        self.own_act(person, Via::new(How::Link, client.address.clone()))
    }
}
