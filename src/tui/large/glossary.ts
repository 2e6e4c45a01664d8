/** The words of the screen, each in a sentence. */

export const GLOSSARY: readonly (readonly [word: string, meaning: string])[] = [
  ['in charge', 'the model whose answers callers get.'],
  ['shadow', 'the model that is to take its place: it scores every minute too, and no caller gets its answers.'],
  ['former', 'the model that was in charge before: it stays ready, and b b puts it back.'],
  ['fallback', 'a formula that needs no training; it answers when no model can.'],
  ['score', 'how probable the event is that is predicted, 0 to 1; from the threshold up it is a signal.'],
  ['base rate', 'how often the event happens anyway, signal or not.'],
  ['settled', 'a minute of which it is known what came: only these say how good a model is.'],
  ['AUC', 'how well a model ranks: 0.5 is chance, 1 is perfect. Higher is better.'],
  ['log loss', 'how far its probabilities were from what came. Lower is better.'],
  ['outcome', 'shadow minus in charge in log loss, on the same settled minutes, with a 95 % interval.'],
  ['gate', 'one of six limits that must hold before a model may be promoted.'],
  ['evidence', 'the files of gate 6, each with its hash in a chain that can be checked.'],
  [
    'PSI, drift',
    'how far a feature has moved from what the model was trained on: above 0.1 a warning, above 0.2 too far.',
  ],
  ['canary', 'a trial of the shadow on a growing share of the requests; a judge stops it when it breaks a limit.'],
  ['match, delta', 'how often the scores of shadow and in charge nearly agree, and how far they lie apart on average.'],
  ['probe', 'a request that the room makes by itself, where callers make too few.'],
  ['breaker', 'open when the shadow fails too often: it is then asked only now and then.'],
  ['bake', 'the 48 hours after a promotion in which the new model is watched and can be taken back by itself.'],
  ['ONAY', 'Turkish for approval: the word that a person types, letter for letter, with a reason.'],
]
