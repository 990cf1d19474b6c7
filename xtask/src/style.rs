//! The style sheet, fonts and icons.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

use crate::Profile;
use crate::site::{Manifest, Packed, Site};
use crate::workspace::Workspace;

/// Browsers of the last two years (late 2024 on): nesting, `light-dark()` and
/// `@layer` stay as written.
const BROWSERS: Browsers = Browsers {
    // Chrome's number stands for both: the table knows only the newest Android one.
    android: None,
    chrome: Some(131 << 16),
    edge: Some(131 << 16),
    firefox: Some(132 << 16),
    ie: None,
    ios_saf: Some((18 << 16) | (1 << 8)),
    opera: Some(116 << 16),
    safari: Some((18 << 16) | (1 << 8)),
    samsung: Some(27 << 16),
};

/// Rebuilds the style of a site that has its program already.
pub fn build(workspace: &Workspace, site: &Site, profile: Profile) -> Result<()> {
    ensure!(
        site.manifest()?.contains_key("wasm"),
        "no client in {}: build it without --style-only first",
        site.dir.display()
    );
    let url = put(workspace, site, profile)?;
    println!("style: {url}");
    site.publish(Manifest::from([("css".into(), url)]))
}

/// Puts fonts, icons and the style sheet into the site, and returns the sheet's URL.
pub fn put(workspace: &Workspace, site: &Site, profile: Profile) -> Result<String> {
    let style = workspace.root.join("style");
    for name in ["icons.svg", "favicon.svg"] {
        let path = style.join(name);
        if path.exists() {
            site.put(name, &Packed::new(fs::read(path)?, profile.brotli_quality())?)?;
        }
    }
    let fonts = style.join("fonts");
    if fonts.exists() {
        for entry in fs::read_dir(fonts)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a font's name")?;
            // Fonts are compressed within; their licences are read by few.
            site.put(&format!("fonts/{name}"), &Packed { raw: fs::read(&path)?, brotli: Vec::new() })?;
        }
    }
    let sheet = bundle(&style.join("main.css"))?;
    site.put_hashed("css", &Packed::new(sheet.into_bytes(), profile.brotli_quality())?)
}

/// Follows every `@import` and minifies the whole. URLs stay as written, so the sheets
/// say `/fonts/…` from the root.
fn bundle(main: &Path) -> Result<String> {
    let files = FileProvider::new();
    let targets = Targets::from(BROWSERS);
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(main).map_err(|error| anyhow!("{error}"))?;
    sheet.minify(MinifyOptions { targets, ..Default::default() }).map_err(|error| anyhow!("{error}"))?;
    let options = PrinterOptions { minify: true, targets, ..Default::default() };
    Ok(sheet.to_css(options).map_err(|error| anyhow!("{error}"))?.code)
}
