//! Makes cargo notice new migration files, which the `migrate!` macro alone does not.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
