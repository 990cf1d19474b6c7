//! Sheets: bodies of pages that the server alone draws, as HTML.
//!
//! A page takes its sheet from a server function and puts it in its place; [`drawn`](crate::components::drawn)
//! keeps it up to date. So a sheet costs the browser nothing but its text: the client, which holds what is
//! shown while it changes every second, stays within its budget. In return there is no script in a sheet.
//! What it does it does by links, by forms that ask in the address, and by [`form::Form`], and therefore works
//! without script too. Only bodies of server functions call what is here.

mod act_check;
pub mod act_filter;
mod act_row;
pub mod acts;
pub mod address;
pub mod agent;
mod agent_controls;
mod agent_credentials;
mod agent_role;
pub mod allocation;
pub mod artifact;
pub mod artifact_filter;
pub mod artifacts;
pub mod brief;
mod brief_decide;
mod brief_decision;
mod brief_evidence;
mod brief_facts;
pub mod brief_form;
mod brief_lead;
mod brief_options;
mod brief_past;
pub mod brief_rules;
mod brief_thread;
mod commit;
pub mod context;
mod deadline;
pub mod desk;
mod desk_groups;
mod desk_letters;
mod desk_preview;
mod desk_runs;
mod diff;
mod emergency;
mod factors;
mod findings;
pub mod fleet;
pub mod form;
pub mod inbox;
mod inbox_row;
pub mod journal;
pub mod letter;
mod letter_acts;
pub mod mail;
pub mod members;
pub mod new_task;
pub mod passkey;
mod probe_report;
pub mod proof;
pub mod quarantine;
mod quorum;
pub mod review;
mod review_changes;
mod review_decision;
mod review_past;
pub mod reviews;
pub mod role_check;
pub mod role_editor;
mod role_powers;
pub mod sessions;
mod settings_nav;
pub mod sso;
mod sso_door;
pub mod task;
mod task_acts;
mod task_facts;
pub mod tenant_switch;
mod token_row;
pub mod tokens;
pub mod trace;
mod trace_drawing;
mod trace_story;
mod uptime;
pub mod what_if;
