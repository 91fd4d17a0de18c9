//! From a parameter that Stripe names in a refusal to the place in the input that made it.
//!
//! What the caller wrote is not at hand any more, so the place is in our spelling. What
//! would surprise: Stripe calls the object of the path `id`, whatever its tables call it.

use stripe::tables::Operation;

use crate::{Action, Entry, names::camel};

impl Entry {
    /// The place in this entry's input of a parameter as Stripe writes it:
    /// `items[0][price]` is `items[0].price`, `customer` is `customerId`. `None` when the
    /// action has no such parameter: of a declined card Stripe names `exp_month`.
    pub fn place_of(self, param: &str) -> Option<String> {
        let (first, below) = param.split_at(param.find('[').unwrap_or(param.len()));
        let mut place = match self {
            Self::Action(action) => top(action, action.operation.resolve(), first)?,
            Self::Request => format!("params.{}", camel(first)),
        };
        for part in below.split(['[', ']']).filter(|part| !part.is_empty()) {
            if part.bytes().all(|b| b.is_ascii_digit()) {
                place.push_str(&format!("[{part}]"));
            } else {
                place.push_str(&format!(".{}", camel(part)));
            }
        }
        Some(place)
    }
}

fn top(action: &Action, operation: &Operation, first: &str) -> Option<String> {
    let is_param = |name: &str| operation.params.iter().any(|param| param.name == name);
    let of_path = operation.path_params();
    let object = of_path.last().copied().filter(|_| first == "id" && !is_param(first));
    let stripe = object.unwrap_or(first);
    let field = action.fields.iter().find(|field| field.stripe == stripe || field.older == Some(stripe));
    let name = field.map(|field| field.name.to_owned());
    name.or_else(|| is_param(stripe).then(|| camel(stripe)))
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    #[test]
    fn a_parameter_of_stripes_leads_back_to_the_input() {
        for (name, param, place) in [
            ("createInvoice", "customer", "customerId"),
            ("createInvoice", "auto_advance", "autoAdvance"),
            ("createSubscription", "items[0][price]", "items[0].price"),
            ("createPaymentIntent", "payment_method_types", "paymentMethodTypes"),
            (
                "createPaymentIntent",
                "payment_method_options[card][cvc_token]",
                "paymentMethodOptions.card.cvcToken",
            ),
            ("getCustomer", "id", "customerId"),
            ("request", "price_data[unit_amount]", "params.priceData.unitAmount"),
        ] {
            assert_eq!(
                Catalog.entry(name).unwrap().place_of(param).as_deref(),
                Some(place),
                "{name} {param}"
            );
        }
        assert_eq!(Catalog.entry("createPaymentIntent").unwrap().place_of("exp_month"), None);
    }
}
