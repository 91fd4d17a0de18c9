//! What holds a secret cannot be printed, nor written by serde: the compiler says so. A
//! type that has a `Debug` for what stands around its secret leaves the secret out.

use connections::{
    AddKey, Begun, Callback, Exchange, Exchanged, Keyring, MasterKey, NangoClient, NewConnection,
    OAuthClient, Plain, ProviderSettings, Vault,
};
use model::{AccountId, Mode};
use server::Issued;
use stripe::{Credential, signature::Secret};

/// Does not compile when one of the types implements the trait: then two implementations
/// fit, and none is chosen.
macro_rules! none_has {
    ($trait:path: $($type:ty),* $(,)?) => {
        $(const _: fn() = || {
            trait IsNeither<Which> {
                fn chosen() {}
            }
            impl<T: ?Sized> IsNeither<()> for T {}
            struct Has;
            impl<T: ?Sized + $trait> IsNeither<Has> for T {}
            let _ = <$type as IsNeither<_>>::chosen;
        };)*
    };
}

none_has!(std::fmt::Debug:
    AddKey, Callback, Exchange, Exchanged, Issued, MasterKey, NangoClient, OAuthClient, ProviderSettings, Vault,
);
none_has!(std::fmt::Display:
    AddKey, Begun, Callback, Credential, Exchange, Exchanged, Issued, Keyring, MasterKey, NangoClient, NewConnection,
    OAuthClient, Plain, ProviderSettings, Secret, Vault,
);
none_has!(serde::Serialize:
    AddKey, Begun, Callback, Credential, Exchange, Exchanged, Issued, Keyring, MasterKey, NangoClient, NewConnection,
    OAuthClient, Plain, ProviderSettings, Secret, Vault,
);

#[test]
fn what_stands_around_a_secret_is_printed_without_it() {
    let account = AccountId::new("acct_1");
    let credential = Credential::new(account.clone(), Mode::Test, "sk_test_canary");
    let printed = format!("{credential:?} {credential:#?} {:?}", Secret::new("whsec_canary"));
    assert!(printed.contains("acct_1") && !printed.contains("canary"), "{printed}");
    let new = NewConnection {
        name: "main".into(),
        account,
        mode: Mode::Test,
        base_url: "https://api.stripe.com".into(),
        is_default: true,
        credential,
    };
    let printed = format!("{new:?}");
    assert!(printed.contains("main") && !printed.contains("canary"), "{printed}");
}
