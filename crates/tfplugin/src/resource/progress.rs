//! Record of the progress of an operation, in case the operation does not finish.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tfschema::Value;

use crate::attribute::Codec;
use crate::model::Model;
use crate::private::Private;

/// Records what exists while an operation runs.
///
/// The result of an operation states what exists. If the operation panics or does not finish within its timeout, the framework
/// stores the last record instead, and reports an error. Record the progress as soon as an object exists: record its id right
/// after the call that created it.
///
/// After a failed create, hosts mark the recorded object as tainted and replace it. Without a record, a create stores no state,
/// and an update or delete keeps the prior state.
#[derive(Clone)]
pub struct Progress<M: Model> {
    recorder: Recorder,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Progress<M> {
    pub(crate) fn of(recorder: Recorder) -> Self {
        Self {
            recorder,
            model: PhantomData,
        }
    }

    /// Records the state of the object. Unknown values are stored as null. The private state does not change.
    pub fn record(&self, state: M::Plan) {
        self.recorder.lock().state = Some(state.encode());
    }

    /// Records the private state to store with the object.
    pub fn record_private(&self, private: Private) {
        self.recorder.lock().private = Some(private);
    }
}

/// Creates an empty record, for unit tests of a resource.
impl<M: Model> Default for Progress<M> {
    fn default() -> Self {
        Self::of(Recorder::default())
    }
}

/// Shared record without its type.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

/// Recorded values; `None` if none was recorded.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) state: Option<Value>,
    pub(crate) private: Option<Private>,
}

impl Recorder {
    /// Takes the recorded values.
    pub(crate) fn take(&self) -> Recorded {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        // A panic of another thread cannot leave a partially written value.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
