//! A tenant's identity provider: seeing and changing what is agreed with it.

use crate::{
    Error, Service,
    policy::Action,
    ports::{SsoConnection, SsoTenant, StoreError},
    sign_in::digest,
    start_sso::{secret_name, secrets},
};
use countersign_domain::{
    Actor, How, Role, Via,
    reading::{SsoSettings, SsoView},
    sso::{GroupRole, MailDomain, RoleRules},
};

/// How many domains and groups are kept.
const MOST: usize = 50;
const MOST_BYTES: usize = 500;

/// What a founder enters.
#[derive(Debug, Clone, Default)]
pub struct SsoForm {
    pub issuer: String,
    pub client_id: String,
    /// Empty: the one that is kept stays.
    pub client_secret: String,
    /// Parted by spaces, commas or lines.
    pub domains: String,
    pub group_claim: String,
    /// Groups that have the role, one a line: names of groups may hold everything but a line's end.
    pub founders: String,
    pub reviewers: String,
    pub observers: String,
    /// The role of everybody else; empty for none.
    pub otherwise: String,
}

impl Service {
    pub async fn read_sso(&self, actor: &Actor) -> Result<SsoSettings, Error> {
        self.allow(actor, Action::SeeSso)?;
        let connection = self.connection_of(actor).await?.map(|kept| SsoView {
            issuer: kept.issuer,
            client_id: kept.client_id,
            has_secret: kept.sealed_secret.is_some(),
            group_claim: kept.group_claim,
            rules: kept.rules,
            domains: kept.domains,
            enforced: kept.enforced,
            last_sign_in: kept.last_sign_in,
            last_refusal: kept.last_refusal,
        });
        let start_url = format!("{}/sso/{}", self.ports.connect.console_url, actor.tenant_slug);
        Ok(SsoSettings { redirect_url: self.sso_redirect_url(&actor.tenant_slug), start_url, connection })
    }

    /// Replaces what is agreed with the provider, once its discovery document could be read. Another issuer or client
    /// must be tried before it can be enforced.
    pub async fn save_sso(&self, actor: &Actor, form: SsoForm) -> Result<(), Error> {
        self.allow(actor, Action::ChangeSso)?;
        let kept = self.connection_of(actor).await?;
        let issuer = line(
            "issuer",
            &form.issuer,
            "Enter the issuer as your provider writes it, such as https://login.example.com.",
        )?;
        let client_id = line("client_id", &form.client_id, "Enter the client ID that the provider gave you.")?;
        let same = kept.as_ref().filter(|kept| kept.issuer == issuer && kept.client_id == client_id);
        let secret = form.client_secret.trim();
        let sealed_secret = match secret {
            // A secret is shown to the issuer that it belongs to, and to no other.
            "" => same.and_then(|kept| kept.sealed_secret.clone()),
            _ => Some(self.ports.seal.seal(&secret_name(actor.tenant), secret)?),
        };
        let connection = SsoConnection {
            sealed_secret,
            group_claim: optional_line("group_claim", &form.group_claim)?,
            rules: rules(&form)?,
            domains: self.claimed(actor, &form.domains).await?,
            enforced: same.is_some_and(|kept| kept.enforced),
            last_sign_in: same.and_then(|kept| kept.last_sign_in),
            last_refusal: None,
            issuer,
            client_id,
        };
        let asked = self.sso_client(actor.tenant, &actor.tenant_slug, &connection)?;
        if let Err(why) = self.ports.identity_provider.authorize(&asked, &secrets("", ""), false).await {
            return Err(Error::invalid("issuer", format!("This provider cannot be used: {}.", why.words())));
        }
        Ok(self.ports.sso.save(actor.tenant, connection, self.act(actor)).await?)
    }

    /// Lets people of the domains in by the provider alone, or in every way again. `token` is the session that stays.
    pub async fn enforce_sso(&self, actor: &Actor, enforced: bool, token: Option<&str>) -> Result<(), Error> {
        self.allow(actor, Action::ChangeSso)?;
        let kept = self.connection_of(actor).await?.ok_or(Error::NotFound)?;
        if enforced && kept.last_sign_in.is_none() {
            return Err(Error::Conflict(
                "Nobody has signed in through this provider yet. Test it first: else nobody might get in.".to_owned(),
            ));
        }
        Ok(self.ports.sso.enforce(actor.tenant, enforced, token.map(digest), self.act(actor)).await?)
    }

    /// Lets people of the tenant in by password again, for an operator: in the name of the founder who was there first.
    pub async fn make_sso_optional(&self, slug: &str) -> Result<(), Error> {
        let found = self.ports.sso.of_name(slug).await?;
        let by = self.ports.people.first_founder(Some(found.tenant)).await?.person;
        let act = self.own_act(by, Via::new(How::Operator, String::new()));
        Ok(self.ports.sso.enforce(found.tenant, false, None, act).await?)
    }

    /// Forgets the provider. People stay, and sign in in their other ways.
    pub async fn remove_sso(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Action::ChangeSso)?;
        Ok(self.ports.sso.remove(actor.tenant, self.act(actor)).await?)
    }

    async fn connection_of(&self, actor: &Actor) -> Result<Option<SsoConnection>, Error> {
        match self.ports.sso.connection(actor.tenant).await {
            Ok(kept) => Ok(Some(kept)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The domains that were entered, if the actor may claim each.
    async fn claimed(&self, actor: &Actor, entered: &str) -> Result<Vec<MailDomain>, Error> {
        let wrong = |message: String| Error::invalid("domains", message);
        let mut domains = Vec::new();
        for text in entered.split([' ', ',', ';', '\n', '\r', '\t']).filter(|text| !text.is_empty()) {
            let domain: MailDomain =
                text.parse().map_err(|error| wrong(format!("“{}”: {error}", crate::visible_line(text))))?;
            let owner: Option<SsoTenant> = match self.ports.sso.of_domain(&domain).await {
                Ok(owner) => Some(owner),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error.into()),
            };
            let own = owner.as_ref().is_some_and(|owner| owner.tenant == actor.tenant);
            // Whose it is says nobody: another organization's name is none of theirs.
            let free = owner.is_none() && self.ports.sso.may_claim(actor.tenant, actor.person, &domain).await?;
            if !own && !free {
                return Err(wrong(format!(
                    "You cannot claim {}. Confirm an address of your own in it first, or ask the operator of this \
                     server, who may allow it with `countersign sso allow-domain {} {0}`.",
                    domain.as_str(),
                    actor.tenant_slug
                )));
            }
            domains.push(domain);
        }
        domains.sort();
        domains.dedup();
        match domains.len() {
            0 => Err(wrong("Enter at least one domain of your people's addresses.".to_owned())),
            n if n > MOST => Err(wrong(format!("At most {MOST} domains are kept."))),
            _ => Ok(domains),
        }
    }
}

fn rules(form: &SsoForm) -> Result<RoleRules, Error> {
    let mut groups = Vec::new();
    for (field, text, role) in [
        ("founders", &form.founders, Role::Founder),
        ("reviewers", &form.reviewers, Role::Reviewer),
        ("observers", &form.observers, Role::Observer),
    ] {
        for group in text.lines().map(str::trim).filter(|group| !group.is_empty()) {
            if group.len() > MOST_BYTES || groups.len() == MOST {
                return Err(Error::invalid(
                    field,
                    format!("At most {MOST} groups of {MOST_BYTES} characters are kept."),
                ));
            }
            groups.push(GroupRole { group: group.to_owned(), role });
        }
    }
    if !groups.is_empty() && form.group_claim.trim().is_empty() {
        return Err(Error::invalid("group_claim", "Say in which claim the provider names a person's groups."));
    }
    let otherwise = match form.otherwise.as_str() {
        "" => None,
        text => match text.parse() {
            // Everybody at the provider would be one.
            Ok(Role::Founder) | Err(()) => return Err(Error::invalid("otherwise", "Choose one of the roles.")),
            Ok(role) => Some(role),
        },
    };
    if groups.is_empty() && otherwise.is_none() {
        return Err(Error::invalid(
            "otherwise",
            "Name groups, or give everybody else a role: now nobody would have one.",
        ));
    }
    Ok(RoleRules { groups, otherwise })
}

fn line(field: &'static str, text: &str, missing: &str) -> Result<String, Error> {
    let text = optional_line(field, text)?;
    if text.is_empty() { Err(Error::invalid(field, missing)) } else { Ok(text) }
}

fn optional_line(field: &'static str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.len() > MOST_BYTES || text.chars().any(char::is_control) {
        return Err(Error::invalid(field, format!("Keep it to one line of at most {MOST_BYTES} characters.")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_may_have_any_name_that_fits_a_line() {
        let form = SsoForm {
            founders: "CN=Board, OU=Acme\n".into(),
            observers: " all \r\n\r\nguests".into(),
            group_claim: "groups".into(),
            ..SsoForm::default()
        };
        let names: Vec<String> = rules(&form).unwrap().groups.into_iter().map(|rule| rule.group).collect();
        assert_eq!(names, ["CN=Board, OU=Acme", "all", "guests"]);
    }

    #[test]
    fn rules_that_let_nobody_or_everybody_in_are_refused() {
        let wrong = |form: SsoForm| matches!(rules(&form), Err(Error::Invalid { .. }));
        assert!(wrong(SsoForm::default()));
        assert!(wrong(SsoForm { otherwise: "founder".into(), ..SsoForm::default() }));
        assert!(wrong(SsoForm { observers: "all".into(), otherwise: "observer".into(), ..SsoForm::default() }));
        assert!(!wrong(SsoForm { otherwise: "observer".into(), ..SsoForm::default() }));
    }
}
