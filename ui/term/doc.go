// Package term is the terminal: the one package that knows its bytes.
//
// Run puts the terminal into the state that screens need, runs a tea.Model
// in it and puts the terminal back on every way out: the end of the program,
// an error, a panic of the model or of a command, a signal, a hang-up. Bytes
// in become messages (reader, parser), the model's View becomes bytes out
// (painter): when something changed, at once, and nothing by a clock.
//
// Besides its own messages the model gets tea.WindowSizeMsg (before the first
// View), tea.KeyMsg, tea.MouseMsg, tea.FocusMsg and tea.BlurMsg,
// tea.SuspendMsg and tea.ResumeMsg around a stop by ctrl+z, and from here
// KeyMsg and BackgroundMsg. Of the commands of tea, Quit, Interrupt, Batch,
// Sequence, Tick, Every, Suspend, ClearScreen, SetWindowTitle and WindowSize
// work, as do Mouse and EnableMouseCellMotion's kin through SetMouse; for
// another program on the terminal use Exec of this package.
//
// View is called once for a painted frame. Its lines are parted by line feeds,
// each begins in the default style, and of control sequences only SGR and
// hyperlinks (OSC 8) have an effect; lines and columns beyond the screen are
// cut. A model may have the methods of Cursored and Titled.
//
// The package owns no state beyond a Run: several may run in one process, on
// different terminals. Update, View, Cursor and Title of a model are called
// from one goroutine. Commands run on their own goroutines, as with tea.
package term
