import { GateJudge, type Judgement } from '../../src/room/watch/judge-gates.ts'
import type { EvidenceWriter } from '../../src/room/record/evidence-writer.ts'

/** A judge who says of the gates what a test wants to hear, whatever stands in the books. */
export class SaidJudge extends GateJudge {
  constructor(
    evidence: EvidenceWriter,
    public said: Judgement,
  ) {
    super(evidence)
  }

  override judge(): Judgement {
    return this.said
  }

  override judgeForLog(): ReturnType<GateJudge['judgeForLog']> {
    return { ...this.said, outcome: this.said.outcome.verdict }
  }

  override judgeFresh(): Judgement {
    return this.said
  }
}
