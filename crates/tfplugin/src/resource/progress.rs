//! Records the progress of an operation in case the operation does not finish.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tfschema::Value;

use crate::attribute::Codec;
use crate::model::Model;
use crate::private::Private;

/// Recorder for the objects that exist while an operation runs.
///
/// The result of an operation states what exists. If the operation panics or does not finish within its timeout, the
/// framework stores the last record instead, and reports an error. Record the progress as soon as an object exists: record
/// its ID immediately after the call that creates the object.
///
/// After a failed create operation, hosts mark the recorded object as tainted and replace it. Without a record, a failed
/// create operation stores no state, and a failed update or delete operation keeps the prior state.
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

/// Creates an empty recorder, for use in unit tests.
impl<M: Model> Default for Progress<M> {
    fn default() -> Self {
        Self::of(Recorder::default())
    }
}

/// Type-erased record that is shared between the operation and the framework.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

/// Recorded values. A value is `None` if it was not recorded.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) state: Option<Value>,
    pub(crate) private: Option<Private>,
}

impl Recorder {
    /// Takes the recorded values, and leaves an empty record.
    pub(crate) fn take(&self) -> Recorded {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        // A panic in another thread cannot leave a partially written value.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
