// The format component: the name of a number, and how it comes from the input.

import { available, epochAt, rolled } from "./credits.js";
import { curveTable, quote } from "./curve.js";
import type { Fields } from "./fields.js";
import { unlock } from "./locks.js";
import { type Accumulators, emissionRatePerSecond, pendingRewards, settle } from "./rewards.js";

/** Numbers by the names that the format gives them. */
export type Values = Readonly<Record<string, bigint | readonly bigint[]>>;

export const COMPONENTS: Readonly<Record<string, (input: Fields) => Values>> = {
  emission_rate: (input) => ({ emission_rate_per_second: emissionRatePerSecond(input.integer("annual")) }),

  curve_table: (input) => {
    const { supply, rates } = curveTable({
      base_mint_rate: input.integer("base_mint_rate"),
      adjustment_power: input.integer("adjustment_power"),
      target: input.integer("target"),
      steps: input.integer("steps"),
      step_width: input.integer("step_width"),
    });
    return { supply, rates };
  },

  quote: (input) => {
    const curve = { supply: input.integers("supply"), rates: input.integers("rates") };
    return { diem_amount: quote(curve, input.integer("diem_total_supply"), input.integer("svvv_amount")) };
  },

  settlement: (input) => {
    const before = {
      ...accumulators(input),
      last_reward_timestamp: input.integer("last_reward_timestamp"),
      emission_rate_per_second: input.integer("emission_rate_per_second"),
      venice_emissions_percentage: input.integer("venice_emissions_percentage"),
      venice_emissions_percentage_when_locked: input.integer("venice_emissions_percentage_when_locked"),
      total_svvv: input.integer("total_svvv"),
      total_locked_staked_vvv: input.integer("total_locked_staked_vvv"),
    };
    return { ...settle(before, input.integer("timestamp")) };
  },

  pending_rewards: (input) => {
    const position = {
      svvv_balance: input.integer("svvv_balance"),
      svvv_locked: input.integer("svvv_locked"),
      reward_debt: input.integer("reward_debt"),
    };
    return { pending_rewards: pendingRewards(position, accumulators(input)) };
  },

  unlock: (input) => {
    const lock = { svvv_locked: input.integer("svvv_locked"), diem_outstanding: input.integer("diem_outstanding") };
    return { ...unlock(lock, input.integer("diem_balance"), input.integer("diem_amount")) };
  },

  epoch_allocation: (input) => {
    const epoch = epochAt(input.integer("timestamp"), input.integer("epoch_duration"));
    const account = rolled(
      {
        epoch: input.integer("account_epoch"),
        allocation: input.integer("account_allocation"),
        staked: input.integer("account_staked"),
        spent: input.integer("account_spent"),
      },
      epoch,
    );
    const { allocation, spent } = account;
    return { epoch, allocation, spent, available: available(account, input.integer("minimum_stake")) };
  },
};

function accumulators(input: Fields): Accumulators {
  return {
    acc_reward_per_share: input.integer("acc_reward_per_share"),
    acc_reward_per_share_locked: input.integer("acc_reward_per_share_locked"),
  };
}
