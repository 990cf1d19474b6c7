//! Erasing a view's type without code that the console never runs.
//!
//! A view can be hydrated at once or as a future, and changed in place or replaced when it is drawn
//! again. Leptos' `into_any` keeps all four for every view. Futures are for routes whose code is loaded
//! later, of which the console has none: they were a fifth of what the browser downloaded. Changing in
//! place matters where a reader may hold an element; elsewhere a new one does as well.

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    children::ToChildren,
    prelude::*,
    tachys::{
        hydration::Cursor,
        ssr::StreamBuilder,
        view::{Mountable, Position, PositionState, add_attr::AddAnyAttr},
    },
};

/// A view that is hydrated at once, and is replaced when it is drawn again unless `IN_PLACE`.
struct Eager<T, const IN_PLACE: bool>(T);

/// Use it where Leptos would have `into_any`: at the end of components and in the arms of a choice.
pub trait Erase: RenderHtml + Sized + 'static {
    /// For what is drawn once, or may be replaced by its next version.
    fn erased(self) -> AnyView {
        Eager::<Self, false>(self).into_any()
    }

    /// For what is drawn again under the reader's eyes: its elements stay, and with them the focus.
    fn patched(self) -> AnyView {
        Eager::<Self, true>(self).into_any()
    }
}

impl<T: RenderHtml + 'static> Erase for T {}

/// What a component encloses, erased.
pub struct Body(Box<dyn FnOnce() -> AnyView + Send>);

impl Body {
    pub fn draw(self) -> AnyView {
        (self.0)()
    }
}

impl<F, T> ToChildren<F> for Body
where
    F: FnOnce() -> T + Send + 'static,
    T: RenderHtml + 'static,
{
    fn to_children(draw: F) -> Self {
        Self(Box::new(move || draw().erased()))
    }
}

impl<T: Render, const IN_PLACE: bool> Render for Eager<T, IN_PLACE> {
    type State = T::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        if IN_PLACE {
            self.0.rebuild(state);
        } else {
            let mut next = self.0.build();
            state.insert_before_this(&mut next);
            state.unmount();
            *state = next;
        }
    }
}

impl<T: AddAnyAttr, const IN_PLACE: bool> AddAnyAttr for Eager<T, IN_PLACE> {
    type Output<NewAttr: Attribute> = T::Output<NewAttr>;

    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> Self::Output<NewAttr>
    where
        Self::Output<NewAttr>: RenderHtml,
    {
        self.0.add_any_attr(attr)
    }
}

impl<T: RenderHtml, const IN_PLACE: bool> RenderHtml for Eager<T, IN_PLACE> {
    type AsyncOutput = T::AsyncOutput;
    type Owned = Eager<T::Owned, IN_PLACE>;

    const MIN_LENGTH: usize = T::MIN_LENGTH;
    const EXISTS: bool = T::EXISTS;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    async fn resolve(self) -> Self::AsyncOutput {
        self.0.resolve().await
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    async fn hydrate_async(self, _cursor: &Cursor, _position: &PositionState) -> Self::State {
        unreachable!("the console is hydrated by hydrate_body, which never asks for this")
    }

    fn into_owned(self) -> Self::Owned {
        Eager(self.0.into_owned())
    }
}
