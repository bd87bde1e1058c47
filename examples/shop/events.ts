/** What the simulated shop logs: one flat record an event, with the fields its type has. */

interface Common {
  event_id: string;
  event_time: string;
  user_id: string;
  session_id: string;
  device: Device;
}

export type Device = "web" | "ios" | "android";
export type Provider = "cardpay" | "walletgo" | "bankwire";

/** Someone looks at an item. */
export interface Click extends Common {
  event_type: "click";
  item_id: string;
  price: number;
}

/** An item goes into the cart, or is taken out again without being bought. */
export interface CartAction extends Common {
  event_type: "cart_add" | "cart_remove";
  item_id: string;
  price: number;
}

/** Someone asks to pay for all that is in the cart. */
export interface Checkout extends Common {
  event_type: "checkout";
  amount: number;
}

/** The provider's answer to an attempt to pay; success empties the cart. */
export interface Payment extends Common {
  event_type: "payment";
  amount: number;
  payment_provider: Provider;
  payment_status: "success" | "failure";
}

export type ShopEvent = Click | CartAction | Checkout | Payment;

/** An event without what the session adds to it. */
export type Action =
  | Omit<Click, keyof Common>
  | Omit<CartAction, keyof Common>
  | Omit<Checkout, keyof Common>
  | Omit<Payment, keyof Common>;

export const millisecondsPerDay = 86_400_000;
