//! `/api/docs`: the REST API for people, drawn from its document.

use super::api_schema::{Fields, Kind, fields};
use crate::components::{eager::Erase, icon::Icon};
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// In the order of a reader who tries things out.
const METHODS: [&str; 2] = ["get", "post"];
const FIRST: &str = "curl --header \"Authorization: Bearer $TOKEN\" \"$CONSOLE/api/v1/tasks?state=dead\"";

/// The API, as its document describes it.
#[derive(Debug, Clone)]
pub struct ApiDocs(Arc<Value>);

impl ApiDocs {
    pub fn new(document: Value) -> Self {
        Self(Arc::new(document))
    }

    pub fn draw(self) -> AnyView {
        let inside = page(&self.0);
        view! { <main class="docs">{inside}</main> }.erased()
    }
}

fn page(document: &Value) -> AnyView {
    let tags = document["tags"].as_array().cloned().unwrap_or_default();
    let groups: Vec<(Value, Vec<Operation>)> =
        tags.into_iter().map(|tag| (tag.clone(), operations(document, text(&tag["name"])))).collect();
    let contents = groups.iter().map(|(tag, operations)| {
        let links = operations.iter().map(|operation| {
            view! { <li><a href=format!("#{}", operation.id)>{operation.summary.clone()}</a></li> }
        });
        view! { <li><h3>{text(&tag["name"]).to_owned()}</h3><ul>{links.collect_view()}</ul></li> }
    });
    let contents = contents.collect_view();
    let sections = groups.into_iter().map(|(tag, operations)| group(&tag, operations)).collect_view();
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let schemas = schemas.iter().map(|(name, schema)| form(name, schema)).collect_view();
    view! {
        <header class="docs-head">
            <p class="letter-mark"><Icon name="mark"/>"Countersign"</p>
            <h1>{text(&document["info"]["title"]).to_owned()}</h1>
            <p class="page-note">{text(&document["info"]["description"]).to_owned()}</p>
        </header>
        {basics()}
        <nav class="panel" aria-label="Contents"><h2>"Contents"</h2><ul class="docs-contents">{contents}</ul></nav>
        {sections}
        <section class="panel" id="forms"><h2>"Forms"</h2>{schemas}</section>
    }
    .erased()
}

/// What holds for every request.
fn basics() -> AnyView {
    view! {
        <section class="panel docs-basics">
            <h2>"Every request"</h2>
            <div class="command"><pre tabindex="0" aria-label="A first request">{FIRST}</pre></div>
            <dl class="facts">
                <div><dt>"Token"</dt><dd>"A founder makes it in the console, under API tokens. It may do what its scopes say, and never more than the person who made it may do now."</dd></div>
                <div><dt>"Pages"</dt><dd>"A list answers 50 entries and "<code>"next"</code>", the "<code>"cursor"</code>" of the next page. A cursor belongs to the filters that it came with."</dd></div>
                <div><dt>"Once"</dt><dd>"A post that makes something takes an "<code>"Idempotency-Key"</code>". Said again within 24 hours with the same body, it is answered again and makes nothing more."</dd></div>
                <div><dt>"Quota"</dt><dd>"600 requests at once for each token, and ten more each second. "<code>"RateLimit"</code>" says what is left ("<code>"r"</code>"); after 429 wait for "<code>"Retry-After"</code>" seconds."</dd></div>
                <div><dt>"Refusals"</dt><dd><a href="#Problem">"application/problem+json"</a>" with a "<code>"code"</code>" for programs and a "<code>"title"</code>" for people."</dd></div>
                <div><dt>"Document"</dt><dd><a href="/api/v1/openapi.json">"openapi.json"</a>", for generators of clients."</dd></div>
            </dl>
        </section>
    }
    .erased()
}

/// One method of one address.
struct Operation {
    id: String,
    summary: String,
    method: &'static str,
    path: String,
    value: Value,
}

fn operations(document: &Value, tag: &str) -> Vec<Operation> {
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let all = paths.into_iter().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let value = item.get(method)?.clone();
            let id = text(&value["operationId"]).to_owned();
            let summary = text(&value["summary"]).to_owned();
            Some(Operation { id, summary, method, path: path.clone(), value })
        })
    });
    all.filter(|operation| operation.value["tags"].as_array().is_some_and(|tags| tags.iter().any(|own| own == tag)))
        .collect()
}

fn group(tag: &Value, operations: Vec<Operation>) -> AnyView {
    let operations = operations.into_iter().map(draw).collect_view();
    view! {
        <section class="panel">
            <h2>{text(&tag["name"]).to_owned()}</h2>
            <p class="panel-note">{text(&tag["description"]).to_owned()}</p>
            {operations}
        </section>
    }
    .erased()
}

fn draw(operation: Operation) -> AnyView {
    let Operation { id, summary, method, path, value } = operation;
    let scope = text(&value["security"][0]["token"][0]).to_owned();
    let parameters = value["parameters"].as_array().cloned().unwrap_or_default();
    let parameters: Vec<_> = parameters
        .iter()
        .map(|entry| {
            let place = text(&entry["in"]);
            let name = format!("{}{}", text(&entry["name"]), if place == "query" { "" } else { " (" });
            let name = if place == "query" { name } else { format!("{name}{place})") };
            (name, Kind::of(&entry["schema"]), text(&entry["description"]).to_owned())
        })
        .collect();
    let body = value["requestBody"]["content"]["application/json"]["schema"].clone();
    let body = (!body.is_null()).then(|| view! { <p class="docs-body">"Body: "{Kind::of(&body).draw()}</p> });
    let answers = value["responses"].as_object().cloned().unwrap_or_default();
    let answers = answers.iter().map(|(status, answer)| {
        let content = answer["content"].as_object().and_then(|content| content.values().next().cloned());
        let kind = content.map(|content| Kind::of(&content["schema"]).draw());
        view! { <tr><th scope="row">{status.clone()}</th><td>{kind}</td><td>{text(&answer["description"]).to_owned()}</td></tr> }
    });
    let answers = answers.collect_view();
    view! {
        <article class="docs-operation" id=id>
            <h3>{summary}</h3>
            <p class="docs-address"><span class=format!("docs-method is-{method}")>{method.to_uppercase()}</span><code>{path}</code></p>
            <p>{text(&value["description"]).to_owned()}</p>
            <p class="docs-scope">"Scope: "<code>{scope}</code></p>
            {(!parameters.is_empty()).then(|| Fields { caption: "Entries of the address and headers", rows: parameters }.draw())}
            {body}
            <details>
                <summary>"Answers"</summary>
                <div class="docs-table"><table><caption class="sr">"Answers"</caption><thead><tr><th scope="col">"Status"</th><th scope="col">"Form"</th><th scope="col">"When"</th></tr></thead><tbody>{answers}</tbody></table></div>
            </details>
        </article>
    }
    .erased()
}

/// A form of what is sent or answered.
fn form(name: &str, schema: &Value) -> AnyView {
    let (bases, rows) = fields(schema);
    let bases = bases.into_iter().map(|base| view! { <p class="docs-body">"All of "{base.draw()}", and:"</p> });
    view! {
        <article class="docs-operation" id=name.to_owned()>
            <h3>{name.to_owned()}</h3>
            <p>{text(&schema["description"]).to_owned()}</p>
            {bases.collect_view()}
            {Fields { caption: "Fields", rows }.draw()}
        </article>
    }
    .erased()
}

/// What is no text is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
