//! Outputs of a published list.
//!
//! These functions are pure.

use tfplugin::schema::Number;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{Crl, CrlPlan};
use crate::aws::objects::Written;
use crate::pki::revocation::{self, CrlNumber, Schedule};

impl CrlPlan {
    /// Sets the outputs that are derived from a published list.
    pub(super) fn set_list(&mut self, crl: &revocation::Crl, schedule: Schedule) {
        let list = crl.list();
        let number: Option<Number> = list.number.to_string().parse().ok();
        self.crl_pem = crl.to_pem().into();
        self.crl_number = number.into();
        self.this_update = list.this_update.to_string().into();
        self.next_update = list.next_update.to_string().into();
        self.refresh_at = schedule.refresh_at(list).to_string().into();
        self.entry_count = i64::try_from(list.entries.len()).unwrap_or(i64::MAX).into();
    }

    /// Sets the outputs that are derived from the DER object. `None` means that it does not exist.
    pub(super) fn set_der_object(&mut self, written: Option<Written>) {
        let (etag, version_id) = match written {
            Some(Written { etag, version_id }) => (Some(etag), version_id),
            None => (None, None),
        };
        self.etag = etag.into();
        self.version_id = version_id.into();
    }

    /// Keeps the outputs of a state, because no list is issued.
    pub(super) fn keep_outputs(&mut self, prior: &Self) {
        self.crl_pem = prior.crl_pem.clone();
        self.crl_number = prior.crl_number.clone();
        self.this_update = prior.this_update.clone();
        self.next_update = prior.next_update.clone();
        self.refresh_at = prior.refresh_at.clone();
        self.entry_count = prior.entry_count;
        self.etag = prior.etag.clone();
        self.version_id = prior.version_id.clone();
        self.pem_etag = prior.pem_etag.clone();
    }

    /// Sets all outputs to unknown, because the next list is issued.
    pub(super) fn set_outputs_unknown(&mut self) {
        self.crl_pem = Planned::Unknown;
        self.crl_number = Planned::Unknown;
        self.this_update = Planned::Unknown;
        self.next_update = Planned::Unknown;
        self.refresh_at = Planned::Unknown;
        self.entry_count = Planned::Unknown;
        self.etag = Planned::Unknown;
        self.version_id = Planned::Unknown;
        self.pem_etag = Planned::Unknown;
    }

    /// Returns the number of the last list in a state.
    pub(super) fn number(&self) -> Result<Option<CrlNumber>, Diagnostics> {
        let Some(number) = self.crl_number.known() else {
            return Ok(None);
        };
        let parsed = number.to_string().parse().map(Some);
        parsed.map_err(|error| {
            let path = Crl::paths().crl_number();
            Diagnostic::bug("The state has no CRL number", error)
                .at(path)
                .into()
        })
    }
}
