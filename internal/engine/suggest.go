package engine

func (r *reading) suggest() Result { return Result{} }
