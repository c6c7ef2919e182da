//! Which tags and metadata the system itself puts on samples.
//!
//! The user may switch each of them on or off (`systemTags`); whoever makes a sample asks [`SystemTags`]
//! before it sets one. Tags that the script sets are not governed by this and not known here.

use thiserror::Error;

/// A name in `systemTags` that k6 does not know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown system tag {name:?}")]
pub struct UnknownSystemTag {
    /// What was written.
    pub name: String,
}

/// Something the system can say about a sample by itself.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the tag of the same name")]
pub enum SystemTag {
    Proto,
    Subproto,
    Status,
    Method,
    Url,
    Name,
    Group,
    Check,
    Error,
    ErrorCode,
    TlsVersion,
    Scenario,
    Service,
    ExpectedResponse,
    Vu,
    Iter,
    OcspStatus,
    Ip,
}

impl SystemTag {
    /// Name of the tag, as it stands on a sample and in `systemTags`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proto => "proto",
            Self::Subproto => "subproto",
            Self::Status => "status",
            Self::Method => "method",
            Self::Url => "url",
            Self::Name => "name",
            Self::Group => "group",
            Self::Check => "check",
            Self::Error => "error",
            Self::ErrorCode => "error_code",
            Self::TlsVersion => "tls_version",
            Self::Scenario => "scenario",
            Self::Service => "service",
            Self::ExpectedResponse => "expected_response",
            Self::Vu => "vu",
            Self::Iter => "iter",
            Self::OcspStatus => "ocsp_status",
            Self::Ip => "ip",
        }
    }

    /// Whether it is metadata: written beside a sample, never a tag, never part of a series.
    pub const fn is_metadata(self) -> bool {
        matches!(self, Self::Vu | Self::Iter | Self::OcspStatus)
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The system tags that are switched on. `default()` is k6's choice.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct SystemTags(u32);

impl SystemTags {
    /// Exactly the named ones; no names switch all of them off.
    pub fn parse(names: &[&str]) -> Result<Self, UnknownSystemTag> {
        names.iter().try_fold(Self(0), |tags, name| {
            ALL.iter()
                .find(|tag| tag.as_str() == *name)
                .map(|tag| Self(tags.0 | tag.bit()))
                .ok_or_else(|| UnknownSystemTag {
                    name: (*name).to_owned(),
                })
        })
    }

    /// Whether samples carry this one.
    pub const fn contains(self, tag: SystemTag) -> bool {
        self.0 & tag.bit() != 0
    }

    /// Names of those that are on and can be tags, sorted.
    pub fn tag_names(self) -> Vec<&'static str> {
        let tags = ALL
            .iter()
            .filter(|tag| self.contains(**tag) && !tag.is_metadata());
        let mut names: Vec<_> = tags.map(|tag| tag.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Names of those that are on, in k6's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        ALL.iter()
            .filter(move |tag| self.contains(**tag))
            .map(|tag| tag.as_str())
    }
}

impl Default for SystemTags {
    fn default() -> Self {
        Self(
            ALL.iter()
                .take(ON_BY_DEFAULT)
                .fold(0, |bits, tag| bits | tag.bit()),
        )
    }
}

/// Those on by default come first.
const ALL: [SystemTag; 18] = [
    SystemTag::Proto,
    SystemTag::Subproto,
    SystemTag::Status,
    SystemTag::Method,
    SystemTag::Url,
    SystemTag::Name,
    SystemTag::Group,
    SystemTag::Check,
    SystemTag::Error,
    SystemTag::ErrorCode,
    SystemTag::TlsVersion,
    SystemTag::Scenario,
    SystemTag::Service,
    SystemTag::ExpectedResponse,
    SystemTag::Vu,
    SystemTag::Iter,
    SystemTag::OcspStatus,
    SystemTag::Ip,
];

const ON_BY_DEFAULT: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_that_of_k6() {
        let on: Vec<_> = SystemTags::default().names().collect();
        assert_eq!(
            on.join(","),
            "proto,subproto,status,method,url,name,group,check,error,error_code,tls_version,\
             scenario,service,expected_response"
        );
        for off in [
            SystemTag::Vu,
            SystemTag::Iter,
            SystemTag::OcspStatus,
            SystemTag::Ip,
        ] {
            assert!(!SystemTags::default().contains(off));
        }
    }

    #[test]
    fn a_list_of_names_switches_on_exactly_those() {
        let tags = SystemTags::parse(&["ip", "url", "vu", "url"]).unwrap();
        assert_eq!(tags.names().collect::<Vec<_>>(), ["url", "vu", "ip"]);
        assert_eq!(SystemTags::parse(&[]).unwrap().names().count(), 0);
        let every: Vec<_> = ALL.iter().map(|tag| tag.as_str()).collect();
        assert_eq!(
            SystemTags::parse(&every)
                .unwrap()
                .names()
                .collect::<Vec<_>>(),
            every
        );
    }

    #[test]
    fn an_unknown_name_is_refused() {
        let error = SystemTags::parse(&["url", "colour"]).unwrap_err();
        assert_eq!(error.to_string(), "unknown system tag \"colour\"");
    }

    #[test]
    fn vu_and_iter_are_metadata_and_the_ip_is_a_tag() {
        let metadata: Vec<_> = ALL.into_iter().filter(|tag| tag.is_metadata()).collect();
        assert_eq!(
            metadata,
            [SystemTag::Vu, SystemTag::Iter, SystemTag::OcspStatus]
        );
    }
}
