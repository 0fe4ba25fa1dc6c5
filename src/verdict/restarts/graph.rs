//! Which definitions and templates lead to a field of Chart.yaml.

use std::collections::{BTreeMap, VecDeque};

use crate::verdict::chart::survey::{Read, Spot, Survey, Use};
use crate::verdict::file_class::Place;

/// The fields that are asked for: those whose change rolls pods that carry them.
pub(super) const FIELDS: [&str; 2] = ["Version", "AppVersion"];

/// All uses of a survey, by the file and by the definition they stand in.
pub(super) struct Graph<'a> {
    pub survey: &'a Survey,
    /// Every use in a file, in the order of the survey.
    pub of_file: BTreeMap<&'a str, Vec<&'a Use>>,
    ends: BTreeMap<&'static str, Ends<'a>>,
}

/// Where a field is read in the end.
#[derive(Default)]
struct Ends<'a> {
    /// For each definition that reads it, itself or through others: where.
    definitions: BTreeMap<&'a str, &'a Spot>,
    /// The same for the bodies of templates, in path order.
    files: Vec<(&'a str, Place<'a>, &'a Spot)>,
}

impl<'a> Graph<'a> {
    pub fn of(survey: &'a Survey) -> Self {
        let mut of_file: BTreeMap<&str, Vec<&Use>> = BTreeMap::new();
        for reading in &survey.uses {
            of_file.entry(&reading.spot.path).or_default().push(reading);
        }
        let ends = FIELDS.map(|field| (field, Ends::of(survey, &of_file, field)));
        Self {
            survey,
            of_file,
            ends: ends.into(),
        }
    }

    /// How a reading leads to a field of `.Chart`, in words that begin with its place.
    pub fn carries(&self, reading: &Use, field: &str) -> Option<String> {
        let at = &reading.spot;
        let ends = self.ends.get(field)?;
        match &reading.read {
            read if reads(read, field) => Some(at.to_string()),
            Read::Definition(name) => {
                let end = ends.definitions.get(name.as_str())?;
                Some(format!("{at}, through \"{name}\" ({end}),"))
            }
            Read::Template(_) | Read::Sibling(_) => {
                let mut files = ends.files.iter();
                let (path, _, end) = files.find(|(path, hashed, _)| {
                    **path != *at.path && self.survey.may_include(reading, hashed)
                })?;
                Some(format!("{at}, which includes {path} ({end}),"))
            }
            _ => None,
        }
    }
}

fn reads(read: &Read, field: &str) -> bool {
    match read {
        Read::Chart(None) => true,
        Read::Chart(Some(name)) => name == field,
        _ => false,
    }
}

impl<'a> Ends<'a> {
    /// From the places that read the field back to whoever includes them: each definition is entered once.
    fn of(survey: &'a Survey, of_file: &BTreeMap<&'a str, Vec<&'a Use>>, field: &str) -> Self {
        let mut ends = Self::default();
        let mut included_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut open = VecDeque::new();
        for reading in &survey.uses {
            let Some(own) = reading.definition.as_deref() else {
                continue;
            };
            match &reading.read {
                Read::Definition(name) => included_by.entry(name).or_default().push(own),
                read if reads(read, field) && !ends.definitions.contains_key(own) => {
                    ends.definitions.insert(own, &reading.spot);
                    open.push_back((own, &reading.spot));
                }
                _ => {}
            }
        }
        while let Some((name, end)) = open.pop_front() {
            for outer in included_by.get(name).into_iter().flatten() {
                if !ends.definitions.contains_key(outer) {
                    ends.definitions.insert(outer, end);
                    open.push_back((outer, end));
                }
            }
        }
        for (path, uses) in of_file {
            let place = Place::of(path.as_bytes());
            let end = uses
                .iter()
                .filter(|u| u.definition.is_none())
                .find_map(|u| match &u.read {
                    read if reads(read, field) => Some(&u.spot),
                    Read::Definition(name) => ends.definitions.get(name.as_str()).copied(),
                    _ => None,
                });
            if let Some(end) = end.filter(|_| place.class.is_template()) {
                ends.files.push((path, place, end));
            }
        }
        ends
    }
}
