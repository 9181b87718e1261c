//! Log output for hosts. Writes `tracing` events to standard error as hclog JSON.
//!
//! If logging is disabled, hosts discard all log lines, so no lines are written. Libraries that process requests and
//! credentials are limited to `info`, regardless of the requested level, because logs must not contain values that must not
//! be stored.

use std::fmt;
use std::io::Write;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Crates that never log below the level `info`.
const CAPPED: [&str; 16] = [
    "aws_config",
    "aws_credential_types",
    "aws_runtime",
    "aws_sigv4",
    "aws_types",
    "h2",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "rustls",
    "tokio",
    "tokio_rustls",
    "tokio_util",
    "tonic",
    "tower",
    "tower_http",
];

/// Prefixes of additional crates that never log below the level `info`.
const CAPPED_PREFIXES: [&str; 2] = ["aws_sdk_", "aws_smithy_"];

/// Installs a subscriber that writes to standard error if `setting` (`TF_LOG` or a more specific variable) enables logging.
///
/// If the program has already set a subscriber, that subscriber remains in use.
pub(crate) fn install(setting: Option<&str>) {
    let level = level_of(setting);
    if level == LevelFilter::OFF {
        return;
    }
    // This call fails only if the program has already set a subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber(level, |line| {
        // If standard error is closed, the error cannot be reported.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }));
}

/// Returns the level that a log variable selects. As in hosts, unknown values and `JSON` select the level `trace`.
fn level_of(setting: Option<&str>) -> LevelFilter {
    let Some(setting) = setting else {
        return LevelFilter::OFF;
    };
    match setting.to_ascii_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

fn subscriber(
    level: LevelFilter,
    write: impl Fn(&str) + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync + 'static {
    let is_enabled = move |metadata: &Metadata<'_>| {
        let capped = is_capped(metadata.target()) && level > LevelFilter::INFO;
        *metadata.level() <= if capped { LevelFilter::INFO } else { level }
    };
    let filter = filter_fn(is_enabled).with_max_level_hint(level);
    Registry::default().with(filter).with(Hclog { write })
}

/// Returns whether a log target belongs to a library that processes requests and credentials. A target starts with the crate
/// name.
fn is_capped(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or(target);
    let mut prefixes = CAPPED_PREFIXES.iter();
    CAPPED.contains(&name) || prefixes.any(|prefix| name.starts_with(prefix))
}

/// Writes each event as a line of JSON that contains `@level`, `@message`, `@module`, `@timestamp`, the fields of the
/// event's spans, and the fields of the event.
struct Hclog<W> {
    write: W,
}

impl<S, W> Layer<S> for Hclog<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let metadata = event.metadata();
        let mut line = Map::new();
        // The host requires these four values to be strings.
        line.insert("@level".to_owned(), word(*metadata.level()).into());
        line.insert("@message".to_owned(), own.message.into());
        line.insert(
            "@module".to_owned(),
            metadata.target().replace("::", ".").into(),
        );
        line.insert(
            "@timestamp".to_owned(),
            format!("{:.6}", jiff::Timestamp::now()).into(),
        );
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields.values.clone());
            }
        }
        line.extend(own.values);
        (self.write)(&format!("{}\n", Value::Object(line)));
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Fields of a span or event. The message is stored separately.
#[derive(Default)]
struct Fields {
    message: String,
    values: Map<String, Value>,
}

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.values.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.set(field, text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.set(field, value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Returns the lines that `work` logs if the log variable has the value `setting`.
    fn lines(setting: &str, work: impl FnOnce()) -> Vec<Map<String, Value>> {
        let text = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&text);
        let subscriber = subscriber(level_of(Some(setting)), move |line| {
            sink.lock().expect("not poisoned").push_str(line);
        });
        tracing::subscriber::with_default(subscriber, work);
        let text = text.lock().expect("not poisoned").clone();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line is an object"))
            .collect()
    }

    #[test]
    fn log_lines_have_the_keys_that_hosts_parse() {
        let lines = lines("trace", || {
            let _span = tracing::info_span!("rpc", tf_rpc = "ApplyResourceChange").entered();
            tracing::warn!(target: "provider::aws", attempts = 3, last = false, reason = %"slow", "tried \"again\"\nand again");
        });
        let [line] = &lines[..] else {
            panic!("expected one line, found {lines:?}")
        };
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@message"], "tried \"again\"\nand again");
        assert_eq!(line["@module"], "provider.aws");
        assert_eq!(line["tf_rpc"], "ApplyResourceChange");
        assert_eq!(
            (&line["attempts"], &line["last"], &line["reason"]),
            (&3.into(), &false.into(), &"slow".into())
        );

        // Hosts parse the layout 2006-01-02T15:04:05.000000Z, which always has six fractional digits.
        let time = line["@timestamp"].as_str().expect("a string");
        let shape: String = time
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
        let written: jiff::Timestamp = time.parse().expect("a time");
        assert!((jiff::Timestamp::now() - written).get_seconds() < 60);
    }

    #[test]
    fn log_levels_match_the_levels_in_hosts() {
        let levels = |setting| {
            lines(setting, || {
                tracing::error!("e");
                tracing::info!("i");
                tracing::trace!("t");
            })
            .len()
        };
        assert_eq!(levels("OFF"), 0);
        assert_eq!(levels("error"), 1);
        assert_eq!(levels("INFO"), 2);
        assert_eq!(levels("JSON"), 3);
        assert_eq!(levels("nonsense"), 3);
        assert_eq!(level_of(None), LevelFilter::OFF);
    }

    #[test]
    fn libraries_that_process_secrets_are_limited_to_info() {
        let modules: Vec<_> = lines("TRACE", || {
            tracing::trace!(target: "aws_smithy_runtime::client", "body");
            tracing::debug!(target: "hyper_util::client", "header");
            tracing::debug!(target: "rustls::server", "key");
            tracing::info!(target: "aws_config::profile", "loaded");
            tracing::trace!(target: "skreg::pki", "ours");
        })
        .into_iter()
        .map(|line| line["@module"].clone())
        .collect();
        assert_eq!(modules, ["aws_config.profile", "skreg.pki"]);
    }

    /// A provider name can start with the name of a library.
    #[test]
    fn limit_applies_to_whole_crate_names() {
        let targets = [
            "h2o",
            "hyperdrive::core",
            "towering",
            "tokio_postgres",
            "aws_box",
        ];
        let lines = lines("TRACE", || {
            tracing::trace!(target: "h2o", "ours");
            tracing::trace!(target: "hyperdrive::core", "ours");
            tracing::trace!(target: "towering", "ours");
            tracing::trace!(target: "tokio_postgres", "ours");
            tracing::trace!(target: "aws_box", "ours");
            tracing::trace!(target: "aws_sdk_ecs::operation", "theirs");
            tracing::trace!(target: "h2", "theirs");
            tracing::trace!(target: "hyper::proto::h1", "theirs");
        });
        let modules = lines
            .iter()
            .map(|line| line["@module"].as_str().expect("a string"));
        let ours = targets.map(|target| target.replace("::", "."));
        assert_eq!(modules.collect::<Vec<_>>(), ours);
    }
}
