//! A connection's API version changes while a call is open.

use std::time::Duration;

use actions::Catalog;
use connections::Edit;
use serde_json::json;
use stripe::{PINNED, Version};

use super::{sandboxed, world::*};
use crate::{Call, Class};
use sandbox::Fault;

#[tokio::test(start_paused = true)]
async fn an_open_call_goes_out_again_as_it_was_whatever_its_connection_speaks_by_now() {
    let (world, sandbox) = sandboxed::world().await;
    let acacia = Version::parse("2025-02-24.acacia").unwrap();
    let speaks = async |world: &World, version| {
        let edit = Edit { version: Some(version), ..Edit::default() };
        let of = &world.binding;
        world.connections.edit(of.company, of.connection, edit).await.unwrap();
    };
    speaks(&world, Some(acacia)).await;
    let version = world.connections.version(&world.binding).await.unwrap();
    let input = json!({ "amount": 500, "currency": "usd", "paymentMethodTypes": ["card"] });
    let plan = Catalog.plan(Catalog.entry("createPaymentIntent").unwrap(), &input, version).unwrap();
    let call = Call {
        plan,
        ..world.asked(
            "createPaymentIntent",
            json!({ "amount": 1, "currency": "usd" }),
            "k",
            Class::Background,
        )
    };
    sandbox.fault(Fault::LostAnswer, 1);
    let cut = tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await;
    assert!(cut.is_err());
    let key = world.key_of(&call);
    let before = world.intent(&call).await.unwrap();
    let world = world.crashed();
    speaks(&world, None).await;
    assert_eq!(world.connections.version(&world.binding).await.unwrap(), PINNED);
    let ended = world.caller.finish_open(&key, &mut |_, _| {}).await.unwrap();
    assert_eq!(done(&ended)["payment_method_types"], json!(["card"]));
    // Other bytes under the same key would have been refused.
    assert_eq!((sandbox.executions(&key), sandbox.objects("payment_intent").len()), (1, 1));
    let request = world.caller.request_of(&world.intent(&call).await.unwrap()).await.unwrap();
    assert_eq!(request.version, acacia);
    assert_eq!(request, world.caller.request_of(&before).await.unwrap());
    assert_eq!(world.caller.version_of(call.binding.company, &call.origin).await.unwrap(), Some(acacia));
}
