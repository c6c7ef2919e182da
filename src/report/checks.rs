//! Groups and checks as a tree, in order of first use.
//!
//! The `checks` metric says how many checks held; this tree says which. It is kept beside the metrics
//! because order of first use and nesting cannot be read off tags. Knows paths as k6 writes them: `""` is
//! the root, `::outer::inner` a group, `::outer::inner::check` a check in it.

use std::collections::HashMap;
use std::fmt::Write;

use ring::digest;

/// How often a check held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What the script calls it.
    pub name: String,
    /// Path of its group, `::` and its name.
    pub path: String,
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}

impl Check {
    /// Stable over runs: see [`Group::id`].
    pub fn id(&self) -> String {
        id_of(&self.path)
    }
}

/// A named section of an iteration.
#[derive(Clone, Debug)]
pub struct Group {
    name: String,
    path: String,
    /// Positions in [`CheckTree::groups`].
    groups: Vec<usize>,
    checks: Vec<Check>,
    check_by_name: HashMap<String, usize>,
}

impl Group {
    fn new(name: &str, path: &str) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            groups: Vec::new(),
            checks: Vec::new(),
            check_by_name: HashMap::new(),
        }
    }

    /// What the script calls it; the root has no name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Path from the root, each name with `::` in front.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// 32 hexadecimal digits that depend on the path alone.
    ///
    /// k6 takes the MD5 of the path. We take the first half of its SHA-256, which has the same form and is
    /// in the libraries we have; nothing but equality is promised of an id.
    pub fn id(&self) -> String {
        id_of(&self.path)
    }

    /// Its checks, in order of first use.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}

/// All groups and checks of a run.
///
/// Invariant: the root is at position 0, every other group is listed by exactly one parent.
#[derive(Clone, Debug)]
pub struct CheckTree {
    groups: Vec<Group>,
    by_path: HashMap<String, usize>,
}

impl CheckTree {
    /// A tree with nothing but the root.
    pub fn new() -> Self {
        Self {
            groups: vec![Group::new("", "")],
            by_path: HashMap::from([(String::new(), 0)]),
        }
    }

    /// Counts one outcome of a check. Groups on the way appear if they are new.
    pub fn record(&mut self, group_path: &str, name: &str, passed: bool) {
        self.add(group_path, name, u64::from(passed), u64::from(!passed));
    }

    /// Counts so many outcomes of a check.
    pub fn add(&mut self, group_path: &str, name: &str, passes: u64, fails: u64) {
        let at = self.position(group_path);
        let group = &mut self.groups[at];
        let check = if let Some(&known) = group.check_by_name.get(name) {
            known
        } else {
            let path = format!("{}::{name}", group.path);
            group.check_by_name.insert(name.into(), group.checks.len());
            group.checks.push(Check {
                name: name.into(),
                path,
                passes: 0,
                fails: 0,
            });
            group.checks.len() - 1
        };
        let check = &mut group.checks[check];
        check.passes = check.passes.saturating_add(passes);
        check.fails = check.fails.saturating_add(fails);
    }

    /// Makes a group appear that may never see a check.
    pub fn touch_group(&mut self, group_path: &str) {
        self.position(group_path);
    }

    /// The group that holds all others.
    pub fn root(&self) -> &Group {
        &self.groups[0]
    }

    /// All groups, each behind the one it lies in, in order of first use.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The groups directly inside a group of this tree, in order of first use.
    pub fn groups_in<'a>(&'a self, group: &'a Group) -> impl ExactSizeIterator<Item = &'a Group> {
        group.groups.iter().map(|&at| &self.groups[at])
    }

    fn position(&mut self, path: &str) -> usize {
        if let Some(&at) = self.by_path.get(path) {
            return at;
        }
        // A path that is no k6 path, such as a `group` tag set by hand, is a group at the root.
        let (parent, name) = path.rsplit_once("::").unwrap_or(("", path));
        let parent = self.position(parent);
        let at = self.groups.len();
        self.groups.push(Group::new(name, path));
        self.groups[parent].groups.push(at);
        self.by_path.insert(path.into(), at);
        at
    }
}

impl Default for CheckTree {
    fn default() -> Self {
        Self::new()
    }
}

fn id_of(path: &str) -> String {
    let digest = digest::digest(&digest::SHA256, path.as_bytes());
    digest.as_ref()[..16]
        .iter()
        .fold(String::with_capacity(32), |mut id, byte| {
            write!(id, "{byte:02x}").expect("writing to a string does not fail");
            id
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'a>(groups: impl Iterator<Item = &'a Group>) -> Vec<&'a str> {
        groups.map(Group::name).collect()
    }

    #[test]
    fn groups_and_checks_stand_in_order_of_first_use() {
        let mut tree = CheckTree::new();
        tree.record("", "z first", true);
        tree.record("::outer::inner", "deep", false);
        tree.record("", "a second", false);
        tree.touch_group("::another");
        tree.touch_group("::outer");
        tree.record("", "z first", true);
        tree.record("", "z first", false);

        let root = tree.root();
        let checks: Vec<_> = root
            .checks()
            .iter()
            .map(|c| (&*c.path, c.passes, c.fails))
            .collect();
        assert_eq!(checks, [("::z first", 2, 1), ("::a second", 0, 1)]);
        assert_eq!(names(tree.groups_in(root)), ["outer", "another"]);
        let outer = tree.groups_in(root).next().unwrap();
        assert_eq!((outer.path(), outer.checks().len()), ("::outer", 0));
        let inner = tree.groups_in(outer).next().unwrap();
        assert_eq!((inner.name(), inner.path()), ("inner", "::outer::inner"));
        assert_eq!(inner.checks()[0].path, "::outer::inner::deep");
    }

    #[test]
    fn a_check_of_one_name_in_two_groups_is_two_checks() {
        let mut tree = CheckTree::new();
        tree.record("::a", "ok", true);
        tree.record("::b", "ok", false);
        let passes: Vec<_> = tree
            .groups_in(tree.root())
            .map(|group| group.checks()[0].passes)
            .collect();
        assert_eq!(passes, [1, 0]);
    }

    #[test]
    fn odd_paths_find_a_place() {
        let mut tree = CheckTree::new();
        tree.record("by hand", "ok", true);
        tree.record("::outer::", "ok", true);
        assert_eq!(names(tree.groups_in(tree.root())), ["by hand", "outer"]);
        let outer = tree.groups_in(tree.root()).nth(1).unwrap();
        assert_eq!(names(tree.groups_in(outer)), [""]);
    }

    #[test]
    fn ids_depend_on_the_path_alone() {
        let mut tree = CheckTree::new();
        tree.record("::a", "ok", true);
        assert_eq!(tree.root().id(), "e3b0c44298fc1c149afbf4c8996fb924");
        assert_eq!(
            tree.groups_in(tree.root()).next().unwrap().checks()[0].id(),
            id_of("::a::ok")
        );
        assert_ne!(id_of("::a"), id_of("::b"));
    }
}
