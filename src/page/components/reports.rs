//! Buttons that keep the whole report as a file. The worker writes it, nothing is sent anywhere.

use yew::prelude::*;

use super::icons::{Icon, icon};
use crate::fault::Fault;
use crate::input::link::Link;
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::protocol::{Reply, ReportForm, Request};
use crate::page::views::failure::sentence;
use crate::page::words::{fill, words};
use crate::page::{device, route};

/// Properties of [`Reports`].
#[derive(Properties, PartialEq)]
pub struct ReportsProps {
    /// Where the comparison is found again.
    pub link: Link,
}

/// One button for each form.
#[component]
pub fn Reports(props: &ReportsProps) -> Html {
    let w = words();
    let page = use_context::<Page>();
    let ticket = use_mut_ref(|| None::<Ticket>);
    let fault = use_state_eq(|| None::<Fault>);
    let button = |form: ReportForm, name: &'static str| {
        let (page, ticket, fault, link) = (page.clone(), ticket.clone(), fault.setter(), props.link.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let Some(page) = &page else { return };
            let (say, fault) = (page.say.clone(), fault.clone());
            let hear = Callback::from(move |reply: Reply| match reply {
                Reply::Report(report) => {
                    fault.set(None);
                    device::keep(&report.name, &report.media_type, &report.text);
                    say.emit(fill(words().report_kept, &[&report.name]));
                }
                Reply::Failed(why) => fault.set(Some(why)),
                _ => {}
            });
            let request = Request::Report {
                form,
                link: route::absolute(&link),
            };
            *ticket.borrow_mut() = Some(page.client.ask(request, hear));
        });
        html! {
            <button type="button" class="button" title={fill(w.report_as, &[name])} aria-label={fill(w.report_as, &[name])} {onclick}>
                { icon(Icon::Download) }<span>{ name }</span>
            </button>
        }
    };
    html! {
        <>
            <span class="reports" role="group" aria-label={w.reports}>
                <span class="reports-name" aria-hidden="true">{ w.reports }</span>
                { button(ReportForm::Markdown, "Markdown") }
                { button(ReportForm::Html, "HTML") }
                { button(ReportForm::Json, "JSON") }
            </span>
            if let Some(fault) = &*fault {
                <span class="wrong" role="alert">{ sentence(&fault.message) }</span>
            }
        </>
    }
}
