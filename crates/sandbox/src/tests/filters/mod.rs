//! Every filter of every list that the sandbox has finds exactly the objects that it
//! should, or is refused in so many words. A new list is covered the day it is a row.

mod wants;
mod world;

use serde_json::{Map, Value, json};
use stripe::{
    Method, form,
    tables::{self, Operation, Param, Type},
};

use super::{client::*, samples};
use crate::{
    Sandbox,
    registry::{self, Does, Row},
};

const PAGING: &[&str] = &["ending_before", "expand", "limit", "starting_after"];

/// A list, of all objects or of those below one.
struct List {
    row: &'static Row,
    operation: &'static Operation,
    path: String,
    /// What it lists when nothing is asked for, newest first, and what it hides then.
    objects: Vec<Value>,
}

impl List {
    fn params(&self) -> impl Iterator<Item = &'static Param> {
        self.operation.params.iter().filter(|param| !PAGING.contains(&param.name))
    }

    /// The ids that these parameters should find.
    fn expected(&self, asked: &Map<String, Value>) -> Vec<String> {
        let hides = !asked.contains_key("status");
        let fits = |object: &&Value| {
            (!hides || wants::unasked(self.operation.id, object))
                && asked.iter().all(|(name, given)| self.finds(name, given, object))
        };
        self.objects.iter().filter(fits).map(id).collect()
    }

    fn finds(&self, name: &str, given: &Value, object: &Value) -> bool {
        let wanted = wants::of(self.operation.id, name, object);
        let kind = &self.operation.params.iter().find(|param| param.name == name).unwrap().kind;
        match (given, kind) {
            (Value::Array(any), _) => any.iter().any(|one| wanted.contains(one)),
            (Value::Object(range), kind) if is_range(kind) => {
                wanted.iter().any(|at| within(range, at.as_i64().unwrap()))
            }
            _ => wanted.contains(given),
        }
    }

    /// Values of a filter worth asking for: those that objects have, and those that none has.
    fn candidates(&self, param: &Param) -> Vec<Value> {
        let mut had: Vec<Value> = Vec::new();
        for value in self.objects.iter().flat_map(|object| wants::of(self.operation.id, param.name, object)) {
            if !had.contains(&value) {
                had.push(value);
            }
        }
        had.truncate(8);
        match &param.kind {
            kind if is_range(kind) => had.iter().flat_map(ranges).collect(),
            Type::Array(items) => {
                let none = samples::of_type(items);
                let some: Vec<Value> = had.iter().take(2).cloned().collect();
                had.iter().map(|one| json!([one])).chain([json!(some), json!([none])]).collect()
            }
            Type::Enum(values) => had.into_iter().chain(values.iter().take(12).map(|v| json!(v))).collect(),
            Type::Boolean => vec![json!(true), json!(false)],
            Type::String => had.into_iter().chain([json!("none_such")]).collect(),
            _ => had,
        }
    }

    /// What the list requires, with a value that finds the most.
    fn base(&self, beside: &str) -> Map<String, Value> {
        let required = self.params().filter(|param| param.required && param.name != beside);
        let best = |param: &Param| {
            let count = |value: &Value| self.expected(&one(param.name, value.clone())).len();
            self.candidates(param).into_iter().max_by_key(count).unwrap()
        };
        required.map(|param| (param.name.to_owned(), best(param))).collect()
    }

    /// The ids that it answers, page by page.
    async fn answers(&self, sandbox: &Sandbox, asked: &Map<String, Value>) -> Vec<String> {
        let mut asked = asked.clone();
        asked.insert("limit".into(), json!(100));
        let mut found = Vec::new();
        loop {
            let page = self.get(sandbox, &asked).await.ok();
            found.extend(page["data"].as_array().unwrap().iter().map(id));
            if page["has_more"] == false {
                return found;
            }
            asked.insert("starting_after".into(), json!(found.last().unwrap()));
        }
    }

    async fn get(&self, sandbox: &Sandbox, asked: &Map<String, Value>) -> Got {
        get(sandbox, &format!("{}?{}", self.path, form::encode(asked).unwrap())).await
    }

    /// Holds what it answers against what it should. How many were found.
    async fn holds(&self, sandbox: &Sandbox, asked: &Map<String, Value>) -> usize {
        let expected = self.expected(asked);
        let answered = self.answers(sandbox, asked).await;
        assert_eq!(answered, expected, "{} {}", self.path, json!(asked));
        expected.len()
    }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

fn is_range(kind: &Type) -> bool {
    match kind {
        Type::Range => true,
        Type::Union(kinds) => kinds.iter().any(is_range),
        _ => false,
    }
}

fn within(range: &Map<String, Value>, at: i64) -> bool {
    range.iter().all(|(bound, value)| {
        let value = value.as_i64().unwrap();
        match bound.as_str() {
            "gt" => at > value,
            "gte" => at >= value,
            "lt" => at < value,
            _ => at <= value,
        }
    })
}

fn ranges(at: &Value) -> Vec<Value> {
    let later = at.as_i64().unwrap() + 7200;
    vec![
        at.clone(),
        json!({ "gt": at }),
        json!({ "gte": at }),
        json!({ "lt": at }),
        json!({ "lte": at }),
        json!({"gte": at, "lt": later}),
    ]
}

/// Every list of the registry, below every object that it can be below of.
fn lists(sandbox: &Sandbox) -> Vec<List> {
    let rows = registry::RESOURCES.iter().copied().flatten();
    rows.filter_map(|row| Some((row, tables::operation(row.id)?)))
        // What is worked out for a request lists nothing that is there.
        .filter(|(_, operation)| !operation.id.contains("review"))
        .filter_map(|(row, operation)| match operation.response {
            Type::List(Type::Object(name)) if operation.method == Method::Get => {
                Some((row, operation, tables::object(name)?.object?))
            }
            _ => None,
        })
        .flat_map(|(row, operation, kind)| below(sandbox, row, operation, kind))
        .collect()
}

/// What there is of a kind; plans are what recurs of the prices.
fn objects(sandbox: &Sandbox, of: &str) -> Vec<Value> {
    if of != "plan" {
        return sandbox.objects(of);
    }
    let prices = sandbox.objects("price");
    prices.iter().filter(|price| price["recurring"].is_object()).map(crate::prices::plan_of).collect()
}

fn below(sandbox: &Sandbox, row: &'static Row, operation: &'static Operation, of: &str) -> Vec<List> {
    let mut objects = objects(sandbox, of);
    objects.reverse();
    let parent = match row.does {
        Does::List(listing) => listing.parent,
        _ => None,
    };
    let Some((kind, field)) = parent else {
        assert!(operation.path_params().is_empty(), "{}: below of what? Say it in its row", operation.id);
        return vec![List { row, operation, path: operation.path.to_owned(), objects }];
    };
    let stored = sandbox.stored(of);
    let below = |parent: &Value| {
        // What the parent is may be in a field of our own, which shows nowhere.
        let is_its = |object: &&Value| {
            stored.iter().any(|kept| kept["id"] == object["id"] && kept[field] == parent["id"])
        };
        let its = objects.iter().filter(is_its).cloned().collect();
        let path = operation.path_with(&[&id(parent)]).unwrap();
        List { row, operation, path, objects: its }
    };
    sandbox.objects(kind).iter().map(below).collect()
}

#[tokio::test]
async fn every_filter_of_every_list_finds_what_it_should_and_nothing_else() {
    let sandbox = world::full().await;
    let lists = lists(&sandbox);
    let filters: usize = lists.iter().map(|list| list.params().count()).sum();
    assert!(lists.len() > 15 && filters > 60, "{} lists, {filters} filters", lists.len());
    for list in &lists {
        let all = list.holds(&sandbox, &list.base("")).await;
        for param in list.params().filter(|param| list.row.heeds(param.name)) {
            let (mut kept, mut dropped) = (false, false);
            for value in list.candidates(param) {
                let mut asked = list.base(param.name);
                asked.insert(param.name.to_owned(), value);
                let found = list.holds(&sandbox, &asked).await;
                (kept, dropped) = (kept || found > 0, dropped || found < list.objects.len());
            }
            let nothing = wants::NOTHING.contains(&param.name);
            let id = list.operation.id;
            assert!(all == 0 || kept != nothing, "{id} {}: nothing is found by it", param.name);
            assert!(
                all < 2 || dropped || param.name == "automatic_tax",
                "{id} {}: it drops nothing",
                param.name
            );
        }
    }
}

#[tokio::test]
async fn two_filters_of_a_list_find_what_both_find() {
    let sandbox = world::full().await;
    for list in lists(&sandbox) {
        let heeded: Vec<&Param> = list.params().filter(|param| list.row.heeds(param.name)).collect();
        for (nth, first) in heeded.iter().enumerate() {
            for second in &heeded[nth + 1..] {
                let mut asked = list.base(first.name);
                for param in [first, second] {
                    let finds = |value: &Value| !list.expected(&one(param.name, value.clone())).is_empty();
                    if let Some(value) = list.candidates(param).into_iter().find(finds) {
                        asked.insert(param.name.to_owned(), value);
                    }
                }
                list.holds(&sandbox, &asked).await;
            }
        }
    }
}

#[tokio::test]
async fn a_filter_that_the_sandbox_lacks_is_refused_in_so_many_words() {
    let sandbox = world::full().await;
    for list in lists(&sandbox) {
        for param in list.params().filter(|param| !list.row.heeds(param.name)) {
            let mut asked = list.base(param.name);
            asked.insert(param.name.to_owned(), samples::of_type(&param.kind));
            let error = list.get(&sandbox, &asked).await.error(400);
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("does not do the parameter"), "{}: {error}", list.operation.id);
            assert_eq!(error["param"], param.name, "{}", list.operation.id);
        }
    }
}
