/** The events of the simulated shop: flat records whose fields depend on the event type. */

interface Common {
  event_id: string;
  event_time: string;
  user_id: string;
  session_id: string;
  device: Device;
}

export type Device = "web" | "ios" | "android";
export type Provider = "cardpay" | "walletgo" | "bankwire";

/** A customer views an item. */
export interface Click extends Common {
  event_type: "click";
  item_id: string;
  price: number;
}

/** An item is added to the cart, or removed without being bought. */
export interface CartAction extends Common {
  event_type: "cart_add" | "cart_remove";
  item_id: string;
  price: number;
}

/** A customer starts to pay for everything in the cart. */
export interface Checkout extends Common {
  event_type: "checkout";
  amount: number;
}

/** The payment provider's response to a payment attempt. Success empties the cart. */
export interface Payment extends Common {
  event_type: "payment";
  amount: number;
  payment_provider: Provider;
  payment_status: "success" | "failure";
}

export type ShopEvent = Click | CartAction | Checkout | Payment;

/** An event without the fields that the session adds. */
export type Action =
  | Omit<Click, keyof Common>
  | Omit<CartAction, keyof Common>
  | Omit<Checkout, keyof Common>
  | Omit<Payment, keyof Common>;

export const millisecondsPerDay = 86_400_000;
