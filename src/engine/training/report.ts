import type { Interval } from '../stats/intervals.ts'

/**
 * The figures of an offline report, in the names that the report's document has. Scores are the calibrated out-of-fold
 * ones; shares and losses are those of the statistics under the same names, intervals are 95 % ones by moving-block bootstrap.
 */
export interface OfflineScores {
  readonly rows: number
  readonly auc: number
  readonly precision_at_20: number
  readonly recall_at_20: number
  /** In nats. */
  readonly log_loss: number
  readonly brier: number
  readonly ece: number
}

export interface OfflineFold extends Omit<OfflineScores, 'rows'> {
  /** Unix ms, the end not included. */
  readonly test_from: number
  readonly test_to: number
  readonly train_rows: number
  readonly test_rows: number
  readonly base_rate: number
}

/** How a candidate fares beside another model on the same rows. */
export interface OfflineComparison {
  /** The other model's figures; null when no row can be compared or the rows hold one class only. */
  readonly figures: (OfflineScores & { readonly candidate_auc: number }) | null
  /** Candidate minus the other, paired; null below the number of rows that an interval needs. */
  readonly auc_difference: Interval | null
  readonly log_loss_difference: Interval | null
  /** The log loss is lower and its whole interval lies below 0; null where there is no interval. */
  readonly beats: boolean | null
}

export interface OfflineReportFigures extends OfflineScores {
  readonly version: string
  readonly base_rate: number
  readonly dropped: { readonly missing_features: number; readonly unknown_label: number }
  readonly window: { readonly from: string; readonly until: string }
  readonly folds: readonly OfflineFold[]
  readonly forward: { readonly rows: number; readonly auc: number } | null
  readonly calibration: readonly { readonly n: number; readonly mean_score: number; readonly mean_label: number }[]
  readonly auc_interval: Interval
  readonly against: {
    readonly baseline: (OfflineScores & { readonly version: string; readonly candidate_auc: number }) | null
    readonly fallback: (OfflineScores & { readonly candidate_auc: number }) | null
  }
  readonly beats_baseline: boolean | null
  readonly beats_fallback: boolean | null
  readonly auc_difference: Interval | null
  readonly log_loss_difference: Interval | null
  readonly auc_difference_fallback: Interval | null
  readonly log_loss_difference_fallback: Interval | null
  readonly plain: string
  readonly slo_check: { readonly auc: number; readonly precision_at_20: number; readonly pass: boolean }
}
