//! The JSON Schema (2020-12) of role files: `docs/role.schema.json`, for editors and for whoever writes role files
//! with a program. It says all that a schema can; what it cannot ([`BEYOND`]) only [`crate::read()`] says.

use crate::{
    forbidden::{Condition, Mandatory, WORD_LEN},
    limit, ordered,
    quantity::MicroUsd,
    read::{API_VERSION, KIND},
    role::{USUAL_CPU, USUAL_MEMORY, USUAL_VOLUME},
};
use countersign_domain::name::RESERVED;
use serde_json::{Value, json};

/// Its name; it can be had at any address.
pub const ID: &str = "urn:countersign:schema:role:v1";

/// What the reader refuses and the schema lets pass, for the page about role files.
pub const BEYOND: [&str; 7] = [
    "sizes, times and processor time beyond their limits (the schema knows only their form)",
    "numbers in another spelling than decimal digits, dollars with more than six places after the point",
    "an agent that delegates to itself, a forbidden delegate that is no agent's name",
    "the same action and scope, or the same host, in two spellings",
    "hosts that are no whole address or one of the machine itself, and ports beyond 65535",
    "a name that ends in - or _ with the launcher kubernetes",
    "anchors, tags, tabs, hidden characters, more than one document, and budgets on bytes, lines, depth and values",
];

/// The schema as it is committed.
pub fn text() -> String {
    ordered::json(&schema())
}

fn name(description: &str) -> Value {
    json!({
        "type": "string",
        "pattern": "^[a-z][a-z0-9_-]{0,31}$",
        "description": description,
    })
}

fn agent(description: &str) -> Value {
    let mut agent = name(description);
    agent["not"] = json!({ "enum": RESERVED });
    agent
}

fn list(items: Value, description: &str) -> Value {
    json!({
        "type": "array",
        "items": items,
        "maxItems": limit::LIST_ITEMS,
        "uniqueItems": true,
        "description": description,
    })
}

fn mapping(properties: Value, required: &[&str], description: &str) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "description": description,
    })
}

fn whole(limits: &std::ops::RangeInclusive<u64>, usual: u64, description: &str) -> Value {
    json!({
        "type": "integer",
        "minimum": limits.start(),
        "maximum": limits.end(),
        "default": usual,
        "description": description,
    })
}

/// Dollars as a number of the schema. Whole ones on both sides, so nothing is rounded.
fn dollars(money: MicroUsd) -> Value {
    let text = money.to_string();
    text.parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
}

const SIZE: &str = "^(0|[1-9][0-9]*)(Ki|Mi|Gi|Ti)$";

fn schema() -> Value {
    let mut schema = mapping(
        json!({
            "apiVersion": { "const": API_VERSION, "description": "The version of this form." },
            "kind": { "const": KIND, "description": "What the file is." },
            "metadata": mapping(
                json!({
                    "name": agent("The agent's name on the bus."),
                    "title": {
                        "type": "string", "maxLength": limit::TITLE_CHARS, "pattern": "^[^\\n]*$",
                        "description": "What people call it.",
                    },
                }),
                &["name"],
                "Whose role it is.",
            ),
            "spec": spec(),
        }),
        &["apiVersion", "kind", "metadata", "spec"],
        "What an agent is for, may do, and must not do.",
    );
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!(ID);
    schema["title"] = json!("Countersign role file");
    schema
}

fn spec() -> Value {
    mapping(
        json!({
            "mission": {
                "type": "string", "maxLength": limit::MISSION_CHARS,
                "description": "What the agent is for, in a sentence or two.",
            },
            "consumes": consumes(),
            "delegates_to": list(agent("An agent."), "Agents that it may give tasks to."),
            "broadcasts": list(
                json!({
                    "type": "string", "maxLength": limit::TOPIC_CHARS,
                    "pattern": "^(([A-Za-z0-9_-]+|\\*)\\.)*([A-Za-z0-9_-]+|\\*|>)$",
                    "description": "A topic, * for one part, > at the end for all further ones.",
                }),
                "Topics that it may send under events.<agent>. besides those of every agent; left out: all of its own.",
            ),
            "reads": list(
                json!({
                    "type": "string", "maxLength": limit::PATH_CHARS,
                    "pattern": "^((?!\\.{1,2}/)([A-Za-z0-9._-]+|\\*)/)*(?!\\.{1,2}$)([A-Za-z0-9._-]+|\\*|\\*\\*)$",
                    "description": "metrics, or a path of documents: * for one part, ** at the end for all below.",
                }),
                "What it may read through the Workspace API.",
            ),
            "volume": mapping(
                json!({ "size": {
                    "type": "string", "pattern": SIZE, "default": USUAL_VOLUME,
                    "description": between("Its size", &limit::VOLUME),
                } }),
                &["size"],
                "Its own volume, shared with nobody.",
            ),
            "runtime": runtime(),
            "budget": mapping(
                json!({
                    "usd_per_day": {
                        "type": "number",
                        "minimum": dollars(*limit::USD_PER_DAY.start()),
                        "maximum": dollars(*limit::USD_PER_DAY.end()),
                        "description": "Dollars that a day may cost, in decimal digits, six after the point at most.",
                    },
                    "on_exceed": {
                        "enum": ["pause", "alert"], "default": "pause",
                        "description": "What happens when they are used up.",
                    },
                }),
                &["usd_per_day"],
                "What it may cost; left out: the organization's default.",
            ),
            "network": mapping(
                json!({ "hosts": list(
                    json!({
                        "type": "string", "maxLength": limit::HOST_CHARS,
                        "pattern": "^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$",
                        "description": "A name in lower case, *. in front for all names below it, or an IPv4 address; a port other than 443 behind a colon.",
                    }),
                    "Hosts outside that it needs.",
                ) }),
                &["hosts"],
                "What it reaches besides the bus and the Workspace API.",
            ),
            "forbidden_actions": forbidden_actions(),
        }),
        &["forbidden_actions"],
        "What it may do and must not do.",
    )
}

fn between<T: std::fmt::Display>(what: &str, limits: &std::ops::RangeInclusive<T>) -> String {
    format!("{what}: from {} to {}.", limits.start(), limits.end())
}

fn consumes() -> Value {
    let kinds = list(name("A kind of task."), "Kinds that it handles; left out: any.");
    mapping(
        json!({
            "kinds": kinds,
            "ack_wait": {
                "type": "string", "pattern": "^(0|[1-9][0-9]*)(s|m|h)$", "default": "120s",
                "description": between("How long it may stay silent over a task", &limit::ACK_WAIT),
            },
            "max_deliver": whole(&limit::MAX_DELIVER, 5, "Attempts before a task is a dead letter."),
            "max_ack_pending": whole(&limit::MAX_ACK_PENDING, 3, "Tasks that it may hold at a time."),
        }),
        &[],
        "How tasks are handed to it.",
    )
}

fn runtime() -> Value {
    let command = || {
        json!({
            "type": "array", "minItems": 1, "maxItems": limit::LIST_ITEMS,
            "prefixItems": [{ "type": "string", "minLength": 1, "maxLength": limit::WORD_CHARS }],
            "items": { "type": "string", "maxLength": limit::WORD_CHARS },
            "description": "The program and its arguments; no shell takes them apart.",
        })
    };
    let process = mapping(
        json!({ "launcher": { "const": "process" }, "command": command() }),
        &["launcher", "command"],
        "A child process of the server.",
    );
    let kubernetes = mapping(
        json!({
            "launcher": { "const": "kubernetes" },
            "image": {
                "type": "string", "maxLength": limit::IMAGE_CHARS,
                "pattern": "^[a-z0-9]([a-z0-9._:-]*[a-z0-9])?(/[a-z0-9]([a-z0-9._-]*[a-z0-9])?)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$",
                "description": "The container image, with its digest.",
            },
            "command": command(),
            "cpu": {
                "type": ["string", "number"], "pattern": "^(0|[1-9][0-9]*)(m|\\.[0-9]{1,3})?$", "default": USUAL_CPU,
                "exclusiveMinimum": 0,
                "description": between("Processor time in cores, or thousandths with an m behind", &limit::CPU),
            },
            "memory": {
                "type": "string", "pattern": SIZE, "default": USUAL_MEMORY,
                "description": between("Memory", &limit::MEMORY),
            },
        }),
        &["launcher", "image"],
        "A pod without rights, which the server applies.",
    );
    let external = mapping(json!({ "launcher": { "const": "external" } }), &["launcher"], "Somebody else starts it.");
    json!({ "oneOf": [process, kubernetes, external], "description": "Who starts it; left out: somebody else." })
}

fn scopes(mandatory: Mandatory) -> Value {
    if mandatory.scopes().is_empty() { Value::Bool(false) } else { json!({ "enum": mandatory.scopes() }) }
}

fn forbidden_actions() -> Value {
    let word = |description: &str| {
        json!({
            "type": "string",
            "pattern": format!("^[a-z][a-z0-9_-]{{0,{}}}$", WORD_LEN - 1),
            "description": description,
        })
    };
    let ban = mapping(
        json!({
            "action": word("What is forbidden."),
            "scope": word("What of it; left out: all of it."),
            "unless": {
                "enum": Condition::ALL.map(Condition::as_str),
                "description": "Under which condition it is allowed after all.",
            },
        }),
        &["action"],
        "An action that the agent must not take.",
    );
    let mut bans = list(ban, "What it must not do. Four of them are mandatory, without a condition.");
    bans["allOf"] = Mandatory::ALL
        .into_iter()
        .map(|mandatory| {
            json!({ "contains": {
                "type": "object",
                "properties": {
                    "action": { "const": mandatory.action() },
                    // Where no scope is wide enough, none may stand there.
                    "scope": scopes(mandatory),
                },
                "required": ["action"],
                "not": { "required": ["unless"] },
            } })
        })
        .collect();
    bans
}
