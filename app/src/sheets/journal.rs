//! One entry of the journal.

use crate::{
    components::{command::Command, eager::Erase, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo},
    view::{number, path},
};
use countersign_domain::reading::{EntryDetail, Overview};
use leptos::prelude::*;

pub fn entry(tenant: &str, entry: &EntryDetail) -> AnyView {
    let neighbour = |seq: u64| path::entry(tenant, seq);
    let before = (entry.seq > 1).then(|| {
        view! { <a class="button" rel="prev" href=neighbour(entry.seq - 1)><Icon name="chevron-left"/>"Entry "{number::grouped(entry.seq - 1)}</a> }
    });
    let after = (entry.seq < entry.newest).then(|| {
        view! { <a class="button" rel="next" href=neighbour(entry.seq + 1)>"Entry "{number::grouped(entry.seq + 1)}<Icon name="chevron-right"/></a> }
    });
    view! {
        {entry.gap.as_ref().map(|(stream, from, to)| gap(stream, *from, *to))}
        <section class="panel" data-testid="journal-entry">
            <h2><code>{entry.kind.clone()}</code></h2>
            <div class="message">
                <div class="message-facts">
                    <HashTag hex=entry.hash.clone()/>
                    <TimeAgo at=entry.at/>
                </div>
                <pre class="payload" tabindex="0" aria-label="Entry">{entry.text.text.clone()}</pre>
                {entry.text.cut.then(|| view! { <p class="hint">"Only the first 64 KiB are shown; the hash is that of the whole entry."</p> })}
            </div>
            <p class="hint">
                "The hash is over this entry and all entries before it, so none of them can be changed or left out without it showing. Here it is indented, with its fields sorted; what is hashed is one line."
            </p>
        </section>
        <nav class="pager" data-live="pages" aria-label="Entries beside this one">{before}{after}</nav>
    }
    .erased()
}

/// What a gap means, and what to do about it.
fn gap(stream: &str, from: u64, to: u64) -> AnyView {
    let count = number::counted((to + 1).saturating_sub(from), "message", "messages");
    let which = if from == to {
        format!("number {}", number::grouped(from))
    } else {
        format!("numbers {} to {}", number::grouped(from), number::grouped(to))
    };
    let about = match stream {
        "TASKS" => {
            "Tasks among them are in no list here, though agents may have done them. Ask whoever gives tasks which of that time have no result, and have those given again."
        }
        "SIGNALS" => {
            "They told how attempts ended. Countersign asks the bus about every task of which it hears nothing, so tasks end all the same; only reasons and times of these attempts may be missing."
        }
        _ => {
            "Events among them are missing in traces, and costs that they told in the figures. No task waits for them. What they said is in the logs of the agents that sent them, if they keep any."
        }
    };
    let older = format!("The overview shows a gap for {} days; the journal keeps all of them:", Overview::GAP_DAYS);
    view! {
        <section class="panel" data-testid="gap-advice">
            <h2>{format!("{count} of {stream} were never read")}</h2>
            <ol class="advice">
                <li>
                    <h3>"What happened"</h3>
                    <p>{format!("They left the bus ({which}) before Countersign had read them: it was away for longer than the stream keeps messages, more came than the stream holds, or somebody removed them by hand. What they said is not in this record, and this entry says so.")}</p>
                </li>
                <li>
                    <h3>"What it means here"</h3>
                    <p>{about}</p>
                </li>
                <li>
                    <h3>"Keep it from happening again"</h3>
                    <p>"See whether Countersign and its bus run without a break, and have room:"</p>
                    <Command text="countersign doctor".to_owned() label="doctor command"/>
                    <p>{older}</p>
                    <Command text="countersign journal export | grep gap_found".to_owned() label="export command"/>
                </li>
            </ol>
        </section>
    }
    .erased()
}
