// Package machine holds the law and the stories of one kind of entity.
//
// A scenario file tells both: the machine (states, which event leads where, deadlines) is law, and a scenario
// is a story under that law (what happens at which state, when, and what goes wrong). A record, whose state code
// derives from its data, has stories without a law: what goes wrong, and a name for its children. The flow is
//
//	bytes -> node tree with places -> raw file (strict, typed) -> linked Kind (expressions compiled) -> Library
//
// and each arrow collects defects instead of stopping at the first, so that an author sees all of them at once,
// each with file, line and column. A Library exists only where there is no defect: whoever holds one may rely
// on it that every state, event, effect and name in it is known and that every expression has a type.
//
// Everything here is pure: no file is opened, no clock is read, nothing is stored. Time, entity and settings
// come in through Env, and the same Env gives the same answer.
package machine
