//! Tables on the terminal.

use comfy_table::{CellAlignment, Table, presets};

/// A table whose first column is text and the others are figures.
pub(crate) struct Figures {
    table: Table,
}

impl Figures {
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(columns);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        Self { table }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.table.add_row(cells);
    }

    pub(crate) fn print(&self) {
        println!("{}\n", self.table);
    }
}

/// Says what the figures were measured on.
pub(crate) fn machine(disk: &str) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!("{cores} processors, load {load} before the start; {disk}");
    println!("Figures taken beside other work are worth nothing; the ratios suffer less.\n");
}
