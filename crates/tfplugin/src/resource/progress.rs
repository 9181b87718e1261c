//! The record of what exists while an operation runs, for an operation that does not end.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tfschema::Value;

use crate::attribute::Codec;
use crate::model::Model;
use crate::private::Private;

/// Records what exists while an operation runs.
///
/// An operation that returns states itself what exists. For one that panics, or that does not end within its timeout, the
/// framework stores what was recorded last, and reports an error. Record as soon as something exists: the id of an object
/// right after the call that created it.
///
/// After a failed create the command lines mark what was recorded as tainted and replace it. Where nothing was recorded,
/// a create leaves nothing in the state, and an update or delete leaves what was there before.
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

    /// Records what exists; what is unknown in it is stored as null. Private state stays as it is.
    pub fn record(&self, state: M::Plan) {
        self.recorder.lock().state = Some(state.encode());
    }

    /// Records private state to store with what exists.
    pub fn record_private(&self, private: Private) {
        self.recorder.lock().private = Some(private);
    }
}

/// Nothing recorded yet; for tests of a resource by itself.
impl<M: Model> Default for Progress<M> {
    fn default() -> Self {
        Self::of(Recorder::default())
    }
}

/// What was recorded, without its type.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

/// What was recorded; `None` where nothing was.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) state: Option<Value>,
    pub(crate) private: Option<Private>,
}

impl Recorder {
    /// Takes what was recorded.
    pub(crate) fn take(&self) -> Recorded {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        // A panic elsewhere cannot leave a value half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
