/**
 * A simulated customer, and the latent process that decides whether the customer leaves.
 *
 * Every customer has a *satisfaction*, which the events do not contain. It fluctuates around the customer's own level: a
 * failed payment lowers it, a purchase raises it, items left in the cart lower it slightly. Satisfaction affects what
 * the events do show: how often the customer visits, how many items go into the cart and how long they stay there. It
 * also sets each day's probability that the customer leaves for good. Recent events therefore predict churn, but not
 * perfectly: rare visitors look like churned customers for a while, and some customers leave at random.
 */
import type { Action, Device, Provider } from "./events";
import type { Random } from "./random";

/** The conditions in the shop on a day. */
export interface Surroundings {
  /** Probability that a cardpay payment fails. */
  cardpayFailureRate: number;
  priceFactor: number;
}

interface CartItem {
  id: string;
  price: number;
  addedOnDay: number;
}

/** Probability that a payment fails while its provider has no incident. */
export const usualFailureRate = 0.04;
const items = 400;

/** Strength of the effects on satisfaction, and of satisfaction on visits and leaving. Chosen by hand. */
const effect = {
  paymentFailure: -1.6,
  purchase: 0.15,
  staleCart: -0.06,
  dailyNoise: 0.15,
  pullToLevel: 0.07,
  onVisits: 0.7,
  onLeaving: 2,
} as const;
/** Daily probability to leave: a constant part, plus a part that depends on satisfaction (its value at satisfaction 0). */
const dailyLeaveRate = { always: 0.004, atZero: 0.014 } as const;

export class Customer {
  readonly id: string;
  readonly device: Device;
  readonly provider: Provider;
  readonly #random: Random;
  /** Mean visits per day at satisfaction 0. */
  readonly #visitRate: number;
  readonly #level: number;
  readonly #taste: number;
  #satisfaction: number;
  #cart: CartItem[] = [];
  #sessions = 0;

  constructor(id: string, random: Random) {
    this.id = id;
    this.#random = random;
    this.device = random.pick([
      ["web", 5],
      ["android", 3],
      ["ios", 2],
    ]);
    this.provider = random.pick([
      ["cardpay", 6],
      ["walletgo", 3],
      ["bankwire", 1],
    ]);
    this.#visitRate = Math.min(1.5, 0.2 * Math.exp(0.8 * random.normal()));
    this.#level = 0.6 * random.normal() - 0.1;
    this.#taste = Math.exp(0.25 * random.normal());
    this.#satisfaction = this.#level + 0.3 * random.normal();
  }

  /** Updates satisfaction at the end of a day. Returns false if the customer leaves for good. */
  passDay(day: number): boolean {
    const drift = effect.pullToLevel * (this.#level - this.#satisfaction);
    const stale = this.#cart.some((item) => day - item.addedOnDay > 2) ? effect.staleCart : 0;
    this.#move(drift + stale + effect.dailyNoise * this.#random.normal());
    const unsatisfied = dailyLeaveRate.atZero * Math.exp(-effect.onLeaving * this.#satisfaction);
    return !this.#random.chance(Math.min(0.6, dailyLeaveRate.always + unsatisfied));
  }

  /** Draws the number of the customer's visits on a day. */
  visits(weekend: boolean): number {
    const rate = this.#visitRate * Math.exp(effect.onVisits * this.#satisfaction) * (weekend ? 1.3 : 0.9);
    return Math.min(4, this.#random.poisson(Math.min(2, rate)));
  }

  /** The number of the customer's next session. */
  nextSession(): number {
    this.#sessions += 1;
    return this.#sessions;
  }

  /** The customer's actions in one visit, in order. */
  *session(day: number, surroundings: Surroundings): Generator<Action> {
    const clicks = 1 + this.#random.poisson(1.5);
    for (let click = 0; click < clicks; click += 1) {
      const item = this.#look(surroundings);
      yield { event_type: "click", item_id: item.id, price: item.price };
      if (this.#random.chance(0.22 + 0.05 * this.#mood())) {
        this.#cart.push({ ...item, addedOnDay: day });
        yield { event_type: "cart_add", item_id: item.id, price: item.price };
      }
    }
    yield* this.#tidyCart();
    if (this.#cart.length > 0 && this.#random.chance(0.45 + 0.18 * this.#mood())) yield* this.#pay(surroundings);
  }

  /** Removes items from the cart; unsatisfied customers remove more. */
  *#tidyCart(): Generator<Action> {
    for (const item of [...this.#cart]) {
      if (!this.#random.chance(0.08 - 0.03 * this.#mood())) continue;
      this.#cart = this.#cart.filter((other) => other !== item);
      yield { event_type: "cart_remove", item_id: item.id, price: item.price };
    }
  }

  *#pay(surroundings: Surroundings): Generator<Action> {
    const amount = cents(this.#cart.reduce((sum, item) => sum + item.price, 0));
    yield { event_type: "checkout", amount };
    const failureRate = this.provider === "cardpay" ? surroundings.cardpayFailureRate : usualFailureRate;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const failed = this.#random.chance(failureRate);
      const payment_status = failed ? "failure" : "success";
      yield { event_type: "payment", amount, payment_provider: this.provider, payment_status };
      this.#move(failed ? effect.paymentFailure : effect.purchase);
      if (!failed) {
        this.#cart = [];
        return;
      }
      if (!this.#random.chance(0.5)) return;
    }
  }

  #look(surroundings: Surroundings): Omit<CartItem, "addedOnDay"> {
    const item = this.#random.below(items);
    // The list price depends only on the item's number. Customers differ in the prices that they look at.
    const listPrice = 8 + (((item * 7919) % items) / items) ** 2 * 110;
    return {
      id: `item-${String(item).padStart(4, "0")}`,
      price: cents(listPrice * this.#taste * surroundings.priceFactor),
    };
  }

  #mood(): number {
    return Math.max(-1.5, Math.min(1.5, this.#satisfaction));
  }

  #move(by: number): void {
    this.#satisfaction = Math.max(-3, Math.min(2, this.#satisfaction + by));
  }
}

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}
