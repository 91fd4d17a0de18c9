//! `--fresh`: deletes the data folder, if it is Bursar's and nobody uses it.

use std::path::Path;

use model::{Code, Failure};

/// Deletes the folder. A missing one is fine.
///
/// # Errors
/// `folder_in_use`; `validation_error` for a folder that is not Bursar's. Then
/// nothing was deleted.
pub(super) fn remove(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    if !store::is_data_folder(folder) {
        return Err(Failure::new(
            Code::ValidationError,
            format!("{} is not a data folder of Bursar's, so --fresh does not delete it. Choose another with --data.", folder.display()),
        )
        .at("data"));
    }
    if store::is_locked(folder) {
        return Err(Failure::new(
            Code::FolderInUse,
            format!("{} is in use by another Bursar, so --fresh does not delete it. Stop that one, or choose another with --data.", folder.display()),
        )
        .at("data"));
    }
    std::fs::remove_dir_all(folder).map_err(|e| {
        Failure::new(Code::StoreUnavailable, format!("{} cannot be deleted: {e}.", folder.display()))
            .at("data")
    })
}
