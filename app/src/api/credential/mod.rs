//! Credentials of agents. Issuing one is a plain form, since it answers with a file.

pub mod revoke;
