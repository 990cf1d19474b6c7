//! Codes of an authenticator app (RFC 6238) as a second factor, and the recovery codes beside them.

use crate::{
    Client, Error, Service,
    policy::Action,
    ports::{CodeSecret, Digest, StoreError},
    sign_in::digest,
};
use countersign_domain::{Actor, How, PersonId, Via, reading::CodesView};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use qrcode::{QrCode, render::svg};
use secrecy::ExposeSecret;
use totp_rs::{Builder, Secret, Totp};

/// Wrong codes that one person may enter within the window of [`tries`](crate::tries).
const MOST_WRONG: u32 = 8;
const RECOVERY_CODES: usize = 10;

/// Under which name a person's secret is sealed.
fn sealed_as(person: PersonId) -> String {
    format!("code-secret:{person}")
}

/// The secret as an app takes it: SHA-1, six digits, 30 s, one step of clock difference.
fn totp(secret: &[u8], email: &str) -> Result<Totp, Error> {
    let builder = Builder::new().with_secret(Secret::from(secret.to_vec())).with_skew(1);
    let unavailable =
        |error: totp_rs::TotpError| Error::Unavailable { what: "Code checking", cause: error.to_string().into() };
    builder.with_account_name(email.replace(':', "_")).with_issuer(Some("Countersign")).build().map_err(unavailable)
}

/// What a person may have typed as a code: with spaces or hyphens, in either case.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_lowercase()
}

impl Service {
    /// Makes a secret for the actor's app, in place of one that no code was seen of.
    pub async fn begin_codes(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        let secret = HEXLOWER.encode(&self.ports.entropy.bytes32()[..20]);
        let sealed = self.ports.seal.seal(&sealed_as(actor.person), &secret)?;
        Ok(self.ports.factors.put_code_secret(actor.person, sealed).await?)
    }

    /// Whether codes are asked for, or what an app has to scan before they are.
    pub async fn read_codes(&self, actor: &Actor) -> Result<CodesView, Error> {
        self.allow(actor, Action::EndOwnSession)?;
        let left = self.ports.factors.recovery_codes_left(actor.person).await?;
        match self.ports.factors.code_secret(actor.person).await? {
            None => Ok(CodesView::Off),
            Some(CodeSecret { confirmed_at: Some(since), .. }) => Ok(CodesView::On { since, recovery_codes: left }),
            // It is shown to whoever has just asked for it, not to whoever finds the browser open.
            Some(_) if self.is_fresh(actor).is_err() => Ok(CodesView::Off),
            Some(secret) => {
                let bytes = self.open_secret(actor.person, &secret)?;
                let unavailable = |cause: Box<dyn std::error::Error + Send + Sync>| Error::Unavailable {
                    what: "Code checking",
                    cause,
                };
                let url =
                    totp(&bytes, &actor.email)?.to_url().map_err(|error| unavailable(error.to_string().into()))?;
                let code = QrCode::new(&url).map_err(|error| unavailable(error.into()))?;
                let drawing = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
                // The drawing stands inside of HTML, where no XML declaration may.
                let drawing = drawing.find("<svg").map_or(String::new(), |at| drawing[at..].to_owned());
                Ok(CodesView::Pending { drawing, secret: BASE32_NOPAD.encode(&bytes) })
            }
        }
    }

    /// The app shows this code: from now on codes are asked for. Answers the recovery codes, which are kept nowhere.
    pub async fn confirm_codes(&self, actor: &Actor, code: &str) -> Result<Vec<String>, Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        let gone = || Error::Conflict("There is nothing to confirm. Reload the page.".to_owned());
        let secret = self.ports.factors.code_secret(actor.person).await?.filter(|secret| secret.confirmed_at.is_none());
        let bytes = self.open_secret(actor.person, &secret.ok_or_else(gone)?)?;
        let taken = self.take(vec![(format!("code:{}", actor.person), MOST_WRONG)]).await?;
        let Some(step) = totp(&bytes, &actor.email)?.check(&plain(code), self.seconds()) else {
            return Err(Error::invalid(
                "code",
                "This is not the code that the app shows now. Look at your device's clock.",
            ));
        };
        self.give_back(taken).await?;
        let (codes, digests) = self.recovery_codes(actor.person);
        self.ports.factors.confirm_codes(actor.person, step, digests, self.act(actor)).await?;
        Ok(codes)
    }

    /// No code is asked for any more; the recovery codes end too.
    pub async fn drop_codes(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        Ok(self.ports.factors.drop_codes(actor.person, self.act(actor)).await?)
    }

    /// New recovery codes, in place of the ones from before.
    pub async fn make_recovery_codes(&self, actor: &Actor) -> Result<Vec<String>, Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        let counts =
            self.ports.factors.code_secret(actor.person).await?.is_some_and(|secret| secret.confirmed_at.is_some());
        if !counts {
            return Err(Error::Conflict(
                "Recovery codes stand beside an authenticator app. Set one up first.".to_owned(),
            ));
        }
        let (codes, digests) = self.recovery_codes(actor.person);
        self.ports.factors.replace_recovery_codes(actor.person, digests, self.act(actor)).await?;
        Ok(codes)
    }

    /// By which way the code proves who the person is; counted as a try in vain, and journaled, where it does not.
    pub(crate) async fn check_code(&self, person: PersonId, code: &str, client: &Client) -> Result<How, Error> {
        let taken = self.take_code_try(person, client).await?;
        let code = plain(code);
        let how = if code.len() == 6 {
            self.is_code_of(person, &code).await?.then_some(How::PasswordAndCode)
        } else {
            let via = Via::new(How::RecoveryCode, client.address.clone());
            let act = self.own_act(person, via);
            let left = self.ports.factors.use_recovery_code(person, recovery_digest(person, &code), act).await?;
            left.map(|_| How::RecoveryCode)
        };
        if let Some(how) = how {
            self.give_back(taken).await?;
            return Ok(how);
        }
        let with = if code.len() == 6 { How::PasswordAndCode } else { How::RecoveryCode };
        self.refuse(person, with, client).await?;
        Err(Error::invalid("code", "This code does not count, or was used. Wait for the app's next one."))
    }

    /// Whether it is a code of the person's app that was not used before.
    async fn is_code_of(&self, person: PersonId, code: &str) -> Result<bool, Error> {
        let secret = self.ports.factors.code_secret(person).await?.filter(|secret| secret.confirmed_at.is_some());
        let Some(secret) = secret else { return Ok(false) };
        let bytes = self.open_secret(person, &secret)?;
        match totp(&bytes, "someone")?.check(code, self.seconds()) {
            Some(step) => Ok(self.ports.factors.use_step(person, step).await?),
            None => Ok(false),
        }
    }

    fn open_secret(&self, person: PersonId, secret: &CodeSecret) -> Result<Vec<u8>, Error> {
        let text = self.ports.seal.open(&sealed_as(person), &secret.sealed)?;
        HEXLOWER.decode(text.expose_secret().as_bytes()).map_err(|error| StoreError::Unavailable(error.into()).into())
    }

    /// What is shown, and what is kept of it.
    fn recovery_codes(&self, person: PersonId) -> (Vec<String>, Vec<Digest>) {
        let code = |_| BASE32_NOPAD.encode(&self.ports.entropy.bytes32()[..10]).to_lowercase();
        let codes: Vec<String> = (0..RECOVERY_CODES).map(code).collect();
        let digests = codes.iter().map(|code| recovery_digest(person, code)).collect();
        let grouped = |code: String| [0, 4, 8, 12].map(|at| code[at..at + 4].to_owned()).join("-");
        (codes.into_iter().map(grouped).collect(), digests)
    }

    fn seconds(&self) -> u64 {
        self.ports.clock.now().0.unsigned_abs() / 1000
    }
}

/// What is kept of a recovery code. It has 80 random bits, so a fast hash does.
fn recovery_digest(person: PersonId, code: &str) -> Digest {
    digest(&format!("recovery:{person}:{code}"))
}
