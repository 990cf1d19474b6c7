//! The journal as it is chained, a page at a time.

use crate::{agents::unsigned, db::unavailable, projection::Tx};
use countersign_domain::{
    Millis,
    reading::{JournalHead, JournalLine, JournalPage},
};
use countersign_service::ports::StoreError;
use data_encoding::HEXLOWER;

pub(crate) async fn head(tx: &mut Tx) -> Result<JournalHead, StoreError> {
    let (seq, hash): (i64, Vec<u8>) =
        sqlx::query_as("select seq, hash from journal_head").fetch_one(&mut **tx).await.map_err(unavailable)?;
    Ok(JournalHead { seq: unsigned(Some(seq)), hash: HEXLOWER.encode(&hash) })
}

/// The entries after `after`: as many as a page holds and at least one, if there is one.
pub(crate) async fn read(tx: &mut Tx, after: u64) -> Result<JournalPage, StoreError> {
    let head = head(tx).await?;
    let found: Vec<(i64, i64, String, Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "select seq, at_ms, kind, canonical, hash
         from (select j.*, sum(length(canonical)) over (order by seq) - length(canonical) as before
               from (select * from journal where seq > $1 order by seq limit $2) j) j
         where before < $3 order by seq",
    )
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .bind(i64::from(JournalPage::SIZE))
    .bind(i64::try_from(JournalPage::BYTES).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let line = |(seq, at, kind, canonical, hash): (i64, i64, String, Vec<u8>, Vec<u8>)| JournalLine {
        seq: unsigned(Some(seq)),
        at: Millis(at),
        kind,
        canonical: String::from_utf8_lossy(&canonical).into_owned(),
        hash: HEXLOWER.encode(&hash),
    };
    Ok(JournalPage { entries: found.into_iter().map(line).collect(), head })
}
